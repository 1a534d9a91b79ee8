package oarlock_test

import (
	"context"
	"fmt"
	"log"
	"slices"

	"github.com/oarlock/oarlock/go/oarlock"
	"github.com/oarlock/oarlock/go/oarlocktest"
)

// Load a model, run it, print what it says. Here the model is a Go function, so that this runs anywhere; with the library
// the first five lines are just
//
//	p, err := oarlock.Load("digits.onnx", oarlock.LoadOptions{})
func Example() {
	rt, err := oarlocktest.NewRuntime(models)
	if err != nil {
		log.Fatal(err)
	}
	p, err := rt.Load("digits.onnx", oarlock.LoadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	defer rt.Close()

	image, err := oarlock.NewTensor(oarlock.Shape{1, 784}, drawing(7))
	if err != nil {
		log.Fatal(err)
	}
	defer image.Close()
	outputs, err := p.Predict(context.Background(), image)
	if err != nil {
		log.Fatal(err)
	}
	defer outputs[0].Close()

	scores, err := oarlock.DataOf[float32](outputs[0])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("it is a", slices.Index(scores, slices.Max(scores)))
	// Output: it is a 7
}
