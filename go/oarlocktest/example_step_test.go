package oarlocktest_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/oarlock/oarlock/go/oarlock"
	"github.com/oarlock/oarlock/go/oarlocktest"
)

// A test looks at what the program gave the model, and not only at what it made of the answer.
func ExampleCall() {
	p := load(doubler(func(c *oarlocktest.Call) ([]oarlock.Value, error) {
		given, err := oarlock.DataOf[int64](c.Inputs[0])
		if err != nil {
			return nil, err
		}
		fmt.Printf("run %d was given %d\n", c.Number, given)
		return double(c)
	}))
	defer p.Close()
	ask(context.Background(), p, 3)
	ask(context.Background(), p, 4)
	// Output:
	// run 1 was given [3]
	// 6
	// run 2 was given [4]
	// 8
}

// A model that computes, where a fixed answer would let a mistake of the program pass.
func ExampleStep() {
	var squarer oarlocktest.Step = func(c *oarlocktest.Call) ([]oarlock.Value, error) {
		x := c.Inputs[0].(*oarlock.Tensor[int64]).Data()[0]
		if x > 3_000_000_000 {
			return nil, &oarlock.Error{Code: oarlock.OutOfRange, Message: fmt.Sprintf("x is %d; 3,000,000,000 is the most", x)}
		}
		return []oarlock.Value{oarlock.FromSlice([]int64{x * x})}, nil
	}
	p := load(doubler(squarer))
	defer p.Close()
	ask(context.Background(), p, 12)
	ask(context.Background(), p, 4_000_000_000)
	// Output:
	// 144
	// oarlock: OUT_OF_RANGE: x is 4000000000; 3,000,000,000 is the most
}

// The shortest model: one answer, whatever it is asked.
func ExampleReturns() {
	answer := oarlock.FromSlice([]int64{42})
	defer answer.Close()
	p := load(doubler(oarlocktest.Returns(answer)))
	defer p.Close()
	ask(context.Background(), p, 1)
	ask(context.Background(), p, 2)
	// Output:
	// 42
	// 42
}

// What does the program tell its users when the engine fails?
func ExampleFails() {
	p := load(doubler(oarlocktest.Fails(oarlock.DataLoss, "the weights are damaged")))
	defer p.Close()
	x := oarlock.FromSlice([]int64{1})
	defer x.Close()
	_, err := p.Predict(context.Background(), x)
	fmt.Println(errors.Is(err, oarlock.ErrDataLoss), err)
	// Output: true oarlock: DATA_LOSS: the weights are damaged
}

// Does the program try again after an error that passes?
func ExampleSequence() {
	busy := oarlocktest.Fails(oarlock.Unavailable, "the queue is full")
	p := load(doubler(oarlocktest.Sequence(busy, busy, double)))
	defer p.Close()

	x := oarlock.FromSlice([]int64{21})
	defer x.Close()
	for try := 1; try <= 5; try++ { // the program
		outputs, err := p.Predict(context.Background(), x)
		if oarlock.CodeOf(err) == oarlock.Unavailable {
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		defer outputs[0].Close()
		fmt.Println(outputs[0].(*oarlock.Tensor[int64]).Data()[0], "at try", try)
		break
	}
	// Output: 42 at try 3
}

// Does the program give up in time? The hour is never waited for: the run ends with its context.
func ExampleTakes() {
	p := load(doubler(oarlocktest.Takes(time.Hour, double)))
	defer p.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	ask(ctx, p, 21)
	// Output: oarlock: DEADLINE_EXCEEDED: context deadline exceeded
}
