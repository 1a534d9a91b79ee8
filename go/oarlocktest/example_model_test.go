package oarlocktest_test

import (
	"context"
	"fmt"
	"log"

	"github.com/oarlock/oarlock/go/oarlock"
	"github.com/oarlock/oarlock/go/oarlocktest"
)

// doubler is a model of one number that answers as it is told.
func doubler(run oarlocktest.Step) oarlocktest.Model {
	return oarlocktest.Model{
		Inputs:  []oarlock.Port{{Name: "x", DType: oarlock.Int64, Shape: oarlock.Shape{1}}},
		Outputs: []oarlock.Port{{Name: "y", DType: oarlock.Int64, Shape: oarlock.Shape{1}}},
		Run:     run,
	}
}

// double computes: it is a Step.
func double(c *oarlocktest.Call) ([]oarlock.Value, error) {
	x := c.Inputs[0].(*oarlock.Tensor[int64]).Data()[0]
	return []oarlock.Value{oarlock.FromSlice([]int64{2 * x})}, nil
}

// load is how the examples come to a predictor.
func load(model oarlocktest.Model) *oarlock.Predictor {
	rt, err := oarlocktest.NewRuntime(map[string]oarlocktest.Model{"m.onnx": model})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close() // a model keeps what it needs
	p, err := rt.Load("m.onnx", oarlock.LoadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	return p
}

// ask gives a number to a model, and tells what came of it.
func ask(ctx context.Context, p *oarlock.Predictor, number int64) {
	x := oarlock.FromSlice([]int64{number})
	defer x.Close()
	outputs, err := p.Predict(ctx, x)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer outputs[0].Close()
	fmt.Println(outputs[0].(*oarlock.Tensor[int64]).Data()[0])
}

// The program under test loads its models by their paths, as ever.
func ExampleNewRuntime() {
	rt, err := oarlocktest.NewRuntime(map[string]oarlocktest.Model{"models/doubler.onnx": doubler(double)})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	p, err := rt.Load("models/doubler.onnx", oarlock.LoadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	ask(context.Background(), p, 21)
	// Output: 42
}

// A program that divides the runtime's threads among its models is tested with more than this machine has.
func ExampleNewRuntimeWith() {
	rt, err := oarlocktest.NewRuntimeWith(nil, oarlock.RuntimeOptions{ThreadBudget: 128})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	hardware, err := rt.Hardware()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(hardware.ThreadBudget / 4)
	// Output: 32
}

// What does the program do while its model cannot be loaded?
func ExampleModel() {
	rt, err := oarlocktest.NewRuntime(map[string]oarlocktest.Model{
		"large.onnx": {LoadErr: oarlock.ErrResourceExhausted},
		"small.onnx": doubler(double),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	for _, path := range []string{"large.onnx", "small.onnx"} { // the program: the best model that there is memory for
		p, err := rt.Load(path, oarlock.LoadOptions{})
		if oarlock.CodeOf(err) == oarlock.ResourceExhausted {
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		defer p.Close()
		fmt.Println("loaded", path)
		break
	}
	// Output: loaded small.onnx
}
