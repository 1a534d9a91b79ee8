package oarlock_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"slices"
	"sync"
	"time"

	"github.com/oarlock/oarlock/go/oarlock"
	"github.com/oarlock/oarlock/go/oarlocktest"
)

// All of a server's goroutines share one predictor. As many run as the model has executions; the others wait.
func ExamplePredictor() {
	p := adder()
	defer p.Close()
	var group sync.WaitGroup
	sums := make([]float32, 100)
	for i := range sums {
		group.Add(1)
		go func() {
			defer group.Done()
			a := oarlock.FromSlice([]float32{float32(i), 0, 0})
			b := oarlock.FromSlice([]float32{1, 0, 0})
			sum := oarlock.FromSlice(make([]float32, 3))
			defer a.Close()
			defer b.Close()
			defer sum.Close()
			if err := p.Infer(context.Background(), []oarlock.Value{a, b}, []oarlock.Value{sum}); err != nil {
				log.Fatal(err)
			}
			sums[i] = sum.Data()[0]
		}()
	}
	group.Wait()
	fmt.Println(sums[:5], sums[99])
	// Output: [1 2 3 4 5] 100
}

// A loop that gives its own tensors allocates nothing, and finds the answer in its own slice.
func ExamplePredictor_Infer() {
	p := adder()
	defer p.Close()
	total, step := make([]float32, 3), []float32{1, 10, 100}
	a, b := oarlock.FromSlice(total), oarlock.FromSlice(step)
	sum := oarlock.FromSlice(make([]float32, 3))
	defer a.Close()
	defer b.Close()
	defer sum.Close()

	inputs, outputs := []oarlock.Value{a, b}, []oarlock.Value{sum}
	for range 3 {
		if err := p.Infer(context.Background(), inputs, outputs); err != nil {
			log.Fatal(err)
		}
		copy(total, sum.Data())
	}
	fmt.Println(total)
	// Output: [3 30 300]
}

// A request that takes too long is stopped, and the error is the context's.
func ExamplePredictor_Infer_deadline() {
	slow := models["adder.onnx"]
	slow.Run = oarlocktest.Takes(time.Hour, slow.Run)
	rt, err := oarlocktest.NewRuntime(map[string]oarlocktest.Model{"slow.onnx": slow})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	p, err := rt.Load("slow.onnx", oarlock.LoadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()

	x := oarlock.FromSlice([]float32{1, 2, 3})
	defer x.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	err = p.Infer(ctx, []oarlock.Value{x, x}, []oarlock.Value{nil})
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output: true
}

// The shortest way to an answer: tensors are made for the outputs, with the shapes that they turn out to have.
func ExamplePredictor_Predict() {
	p := digitClassifier()
	defer p.Close()
	images, err := oarlock.NewTensor(oarlock.Shape{2, 784}, append(drawing(4), drawing(2)...))
	if err != nil {
		log.Fatal(err)
	}
	defer images.Close()
	outputs, err := p.Predict(context.Background(), images)
	if err != nil {
		log.Fatal(err)
	}
	defer outputs[0].Close()
	scores, err := oarlock.DataOf[float32](outputs[0])
	if err != nil {
		log.Fatal(err)
	}
	for row := range slices.Chunk(scores, 10) {
		fmt.Print(slices.Index(row, slices.Max(row)))
	}
	// Output: 42
}

// Two models at once: the program waits for the slower of them, not for one after the other.
func ExamplePredictor_Go() {
	digits, filter := digitClassifier(), spamFilter()
	defer digits.Close()
	defer filter.Close()
	image, err := oarlock.NewTensor(oarlock.Shape{1, 784}, drawing(3))
	if err != nil {
		log.Fatal(err)
	}
	defer image.Close()
	mail, err := oarlock.NewStrings(nil, []string{"see you at 3"})
	if err != nil {
		log.Fatal(err)
	}
	defer mail.Close()

	scores := digits.Go(context.Background(), image)
	labels := filter.Go(context.Background(), mail)
	for _, results := range []<-chan oarlock.Result{scores, labels} {
		result := <-results
		if result.Err != nil {
			log.Fatal(result.Err)
		}
		fmt.Println(result.Outputs[0].Shape())
		result.Outputs[0].Close()
	}
	// Output:
	// [1,10]
	// [1]
}

// A log tells which model answered: Identity is another for each change of its files.
func ExamplePredictor_Model() {
	p := digitClassifier()
	defer p.Close()
	m := p.Model()
	fmt.Printf("%d inputs, %d outputs, version %d, identity of %d digits\n", len(m.Inputs), len(m.Outputs), m.Version, len(m.Identity))
	// Output: 1 inputs, 1 outputs, version 1, identity of 64 digits
}

// A server that replaces a model closes the old one at once: who still calls it is told so, and takes the new one.
func ExamplePredictor_Close() {
	current := adder()
	replaced := current
	current = adder()
	defer current.Close()
	replaced.Close()

	x := oarlock.FromSlice([]float32{1, 2, 3})
	defer x.Close()
	outputs, err := replaced.Predict(context.Background(), x, x)
	if errors.Is(err, oarlock.ErrClosed) {
		fmt.Println("asking the new one")
		outputs, err = current.Predict(context.Background(), x, x)
	}
	if err != nil {
		log.Fatal(err)
	}
	defer outputs[0].Close()
	fmt.Println(outputs[0].(*oarlock.Tensor[float32]).Data())
	// Output:
	// asking the new one
	// [2 4 6]
}
