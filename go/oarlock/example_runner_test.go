package oarlock_test

import (
	"context"
	"fmt"
	"log"

	"github.com/oarlock/oarlock/go/oarlock"
)

// A worker of its own tensors: bound once, filled and run for each request. No run allocates or copies anything.
func ExampleRunner() {
	p := adder()
	defer p.Close()
	a, b := make([]float32, 3), []float32{1, 1, 1}
	r, err := p.NewRunner([]oarlock.Value{oarlock.FromSlice(a), oarlock.FromSlice(b)}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	defer r.Input(0).Close()
	defer r.Input(1).Close()
	defer r.Output(0).Close()

	sum, err := oarlock.DataOf[float32](r.Output(0))
	if err != nil {
		log.Fatal(err)
	}
	for _, request := range []float32{5, 6, 7} {
		a[0] = request
		if err := r.Run(context.Background()); err != nil {
			log.Fatal(err)
		}
		fmt.Println(sum)
	}
	// Output:
	// [6 1 1]
	// [7 1 1]
	// [8 1 1]
}

// The program says where the answers go, here into the second half of a slice that it sends off as a whole.
func ExamplePredictor_NewRunner() {
	p := adder()
	defer p.Close()
	message := make([]float32, 6)
	request, answer := oarlock.FromSlice(message[:3]), oarlock.FromSlice(message[3:])
	step := oarlock.FromSlice([]float32{1, 2, 3})
	defer request.Close()
	defer answer.Close()
	defer step.Close()
	r, err := p.NewRunner([]oarlock.Value{request, step}, []oarlock.Value{answer})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	copy(request.Data(), []float32{40, 40, 40})
	if err := r.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Println(message)
	// Output: [40 40 40 41 42 43]
}

// A client that hung up need not be answered: the run ends with its context.
func ExampleRunner_Run() {
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

	request, hangUp := context.WithCancel(context.Background())
	fmt.Println(r.Run(request), sum.Data())
	hangUp()
	fmt.Println(r.Run(request))
	// Output:
	// <nil> [2 4 6]
	// oarlock: CANCELLED: context canceled
}

// Batches of different sizes go through one runner: each is bound when its turn comes.
func ExampleRunner_BindInput() {
	p := digitClassifier()
	defer p.Close()
	r, err := p.NewRunner([]oarlock.Value{nil}, nil) // what comes first is not known yet
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	for _, rows := range []int64{8, 3} {
		images, err := oarlock.Empty[float32](oarlock.Shape{rows, 784})
		if err != nil {
			log.Fatal(err)
		}
		defer images.Close()
		if err := r.BindInput(0, images); err != nil {
			log.Fatal(err)
		}
		if err := r.Run(context.Background()); err != nil {
			log.Fatal(err)
		}
		scores, err := oarlock.ViewOf[float32](r, 0)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(scores.Shape())
	}
	// Output:
	// [8,10]
	// [3,10]
}

// Answers are written one after the other into a large slice, each to its place, without a copy in between.
func ExampleRunner_BindOutput() {
	p := adder()
	defer p.Close()
	x := oarlock.FromSlice([]float32{1, 1, 1})
	defer x.Close()
	r, err := p.NewRunner([]oarlock.Value{x, x}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	r.Output(0).Close() // the tensor that NewRunner made is not wanted

	history := make([]float32, 9)
	for i := 0; i < len(history); i += 3 {
		sum := oarlock.FromSlice(history[i : i+3])
		defer sum.Close()
		if err := r.BindOutput(0, sum); err != nil {
			log.Fatal(err)
		}
		x.Data()[0]++
		if err := r.Run(context.Background()); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(history)
	// Output: [4 2 2 6 2 2 8 2 2]
}

// What is bound can be asked for, so that a function that fills in requests needs nothing but the runner.
func ExampleRunner_Input() {
	p := adder()
	defer p.Close()
	a, b := oarlock.FromSlice([]float32{0, 0, 0}), oarlock.FromSlice([]float32{1, 2, 3})
	sum := oarlock.FromSlice(make([]float32, 3))
	defer a.Close()
	defer b.Close()
	defer sum.Close()
	r, err := p.NewRunner([]oarlock.Value{a, b}, []oarlock.Value{sum})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()

	fillIn := func(r *oarlock.Runner, request ...float32) {
		copy(r.Input(0).(*oarlock.Tensor[float32]).Data(), request)
	}
	fillIn(r, 40, 50, 60)
	if err := r.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Println(sum.Data(), r.Input(2))
	// Output: [41 52 63] <nil>
}
