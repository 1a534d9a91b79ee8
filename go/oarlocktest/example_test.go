package oarlocktest_test

import (
	"context"
	"fmt"
	"log"
	"slices"

	"github.com/oarlock/oarlock/go/oarlock"
	"github.com/oarlock/oarlock/go/oarlocktest"
)

// readDigit is what is to be tested: a function of a program. It knows nothing of tests.
func readDigit(ctx context.Context, rt *oarlock.Runtime, pixels []float32) (int, error) {
	p, err := rt.Load("digits.onnx", oarlock.LoadOptions{})
	if err != nil {
		return 0, err
	}
	defer p.Close()
	image, err := oarlock.NewTensor(oarlock.Shape{1, 784}, pixels)
	if err != nil {
		return 0, err
	}
	defer image.Close()
	outputs, err := p.Predict(ctx, image)
	if err != nil {
		return 0, err
	}
	defer outputs[0].Close()
	scores, err := oarlock.DataOf[float32](outputs[0])
	if err != nil {
		return 0, err
	}
	return slices.Index(scores, slices.Max(scores)), nil
}

// A test of a program that reads digits. The model is a fixed answer, but all checks are those of production: pixels that
// do not fit the model are refused here, too.
func Example() {
	scores, err := oarlock.NewTensor(oarlock.Shape{1, 10}, []float32{0, 0, 0, 0.1, 0, 0, 0, 0, 0.9, 0})
	if err != nil {
		log.Fatal(err)
	}
	defer scores.Close()
	rt, err := oarlocktest.NewRuntime(map[string]oarlocktest.Model{"digits.onnx": {
		Inputs:  []oarlock.Port{{Name: "image", DType: oarlock.Float32, Shape: oarlock.Shape{-1, 784}}},
		Outputs: []oarlock.Port{{Name: "scores", DType: oarlock.Float32, Shape: oarlock.Shape{-1, 10}}},
		Run:     oarlocktest.Returns(scores),
	}})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()

	fmt.Println(readDigit(context.Background(), rt, make([]float32, 784)))
	_, err = readDigit(context.Background(), rt, make([]float32, 783))
	fmt.Println(oarlock.CodeOf(err))
	// Output:
	// 8 <nil>
	// INVALID_ARGUMENT
}
