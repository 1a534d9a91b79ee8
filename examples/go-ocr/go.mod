module github.com/oarlock/oarlock/examples/go-ocr

go 1.24.0

require (
	github.com/oarlock/oarlock/go v0.0.0
	golang.org/x/text v0.34.0
	golang.org/x/time v0.14.0
)

replace github.com/oarlock/oarlock/go => ../../go
