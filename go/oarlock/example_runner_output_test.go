package oarlock_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/oarlock/oarlock/go/oarlock"
)

// The output of an adder has a size that is known beforehand: NewRunner made a tensor for it. That of a classifier of any
// number of images has not, and lies in the engine's memory.
func ExampleRunner_Output() {
	sums, digits := adder(), digitClassifier()
	defer sums.Close()
	defer digits.Close()
	one, err := sums.NewRunner([]oarlock.Value{nil, nil}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer one.Close()
	defer one.Output(0).Close()
	other, err := digits.NewRunner([]oarlock.Value{nil}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer other.Close()
	fmt.Println(one.Output(0).Shape(), other.Output(0) == nil)
	// Output: [3] true
}

// A test that keeps a hot loop free of copies: it fails when a change of the model, or of the tensors, brings one in.
func ExampleRunner_CopyReport() {
	p := adder()
	defer p.Close()
	x := oarlock.FromSlice([]float32{1, 2, 3})
	defer x.Close()
	sum := oarlock.FromSlice(make([]float32, 3))
	defer sum.Close()
	r, err := p.NewRunner([]oarlock.Value{x, x}, []oarlock.Value{sum})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	if err := r.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	copies, err := r.CopyReport()
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range copies {
		fmt.Printf("tensor %d: %d bytes, %s: %v\n", c.Index, c.SizeBytes, oarlock.CopyReasons[c.Reason], c.Condition)
	}
	fmt.Println(len(copies), "copies")
	// Output: 0 copies
}

// A worker closes its runner when it ends. What it had bound goes on to be its owner's.
func ExampleRunner_Close() {
	p := adder()
	defer p.Close()
	x, sum := oarlock.FromSlice([]float32{1, 2, 3}), oarlock.FromSlice(make([]float32, 3))
	defer x.Close()
	defer sum.Close()
	r, err := p.NewRunner([]oarlock.Value{x, x}, []oarlock.Value{sum})
	if err != nil {
		log.Fatal(err)
	}
	if err := r.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	r.Close()
	fmt.Println(sum.Data())
	fmt.Println(errors.Is(r.Run(context.Background()), oarlock.ErrClosed))
	// Output:
	// [2 4 6]
	// true
}
