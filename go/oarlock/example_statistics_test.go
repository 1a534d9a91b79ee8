package oarlock_test

import (
	"context"
	"fmt"
	"log"

	"github.com/oarlock/oarlock/go/oarlock"
	"github.com/oarlock/oarlock/go/oarlocktest"
)

// A health check that looks at how many runs failed since it looked last.
func ExamplePredictor_Statistics() {
	flaky := models["adder.onnx"]
	flaky.Run = oarlocktest.Sequence(flaky.Run, flaky.Run, oarlocktest.Fails(oarlock.Internal, "out of luck"), flaky.Run)
	rt, err := oarlocktest.NewRuntime(map[string]oarlocktest.Model{"adder.onnx": flaky})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	p, err := rt.Load("adder.onnx", oarlock.LoadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()

	x, sum := oarlock.FromSlice([]float32{1, 2, 3}), oarlock.FromSlice(make([]float32, 3))
	defer x.Close()
	defer sum.Close()
	before, err := p.Statistics()
	if err != nil {
		log.Fatal(err)
	}
	for range 4 {
		if err := p.Infer(context.Background(), []oarlock.Value{x, x}, []oarlock.Value{sum}); err != nil {
			fmt.Println(err)
		}
	}
	after, err := p.Statistics()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(after.Runs-before.Runs, "good,", after.Failed-before.Failed, "failed")
	// Output:
	// oarlock: INTERNAL: out of luck
	// 3 good, 1 failed
}
