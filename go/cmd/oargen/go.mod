module github.com/oarlock/oarlock/go/cmd/oargen

go 1.24

require (
	github.com/santhosh-tekuri/jsonschema/v5 v5.3.1
	gopkg.in/yaml.v3 v3.0.1
)
