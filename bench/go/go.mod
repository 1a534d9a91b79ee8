module github.com/oarlock/oarlock/bench/go

go 1.24

require (
	github.com/oarlock/oarlock/go v0.1.0
	github.com/yalue/onnxruntime_go v1.27.0
)

replace github.com/oarlock/oarlock/go => ../../go
