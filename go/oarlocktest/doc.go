// Package oarlocktest lets programs that use package oarlock be tested without the library, without models, and with
// CGO_ENABLED=0: a runtime whose models are Go functions.
//
//	rt, err := oarlocktest.NewRuntime(map[string]oarlocktest.Model{
//		"digits.onnx": {
//			Inputs:  []oarlock.Port{{Name: "image", DType: oarlock.Float32, Shape: oarlock.Shape{-1, 784}}},
//			Outputs: []oarlock.Port{{Name: "digit", DType: oarlock.Int64, Shape: oarlock.Shape{-1}}},
//			Run:     oarlocktest.Returns(digit),
//		},
//	})
//	p, err := rt.Load("digits.onnx", oarlock.LoadOptions{})
//
// Everything above the engine is package oarlock's own code, as in production: checks, the waiting for an execution,
// contexts, errors, Close and Leaks.
package oarlocktest
