package oarlock_test

import (
	"context"
	"fmt"
	"log"
	"slices"

	"github.com/oarlock/oarlock/go/oarlock"
)

// classifying is a runner of digitClassifier that has run on a drawing of this digit.
func classifying(digit int) *oarlock.Runner {
	p := digitClassifier()
	defer p.Close() // the runner keeps what it needs
	image, err := oarlock.NewTensor(oarlock.Shape{1, 784}, drawing(digit))
	if err != nil {
		log.Fatal(err)
	}
	defer image.Close() // so does what it has bound
	r, err := p.NewRunner([]oarlock.Value{image}, nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := r.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	return r
}

// The answer is read where the engine put it, without a copy.
func ExampleViewOf() {
	r := classifying(8)
	defer r.Close()
	scores, err := oarlock.ViewOf[float32](r, 0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(slices.Index(scores.Data(), slices.Max(scores.Data())))

	_, err = oarlock.ViewOf[float64](r, 0) // nothing is converted
	fmt.Println(err)
	// Output:
	// 8
	// oarlock: INVALID_ARGUMENT: output 0 is of FP32; wanted FP64
}

// A view is for what is done at once. It ends with the next run: what is to be kept is copied.
func ExampleView() {
	r := classifying(1)
	defer r.Close()
	var best []float32
	for range 3 {
		if err := r.Run(context.Background()); err != nil {
			log.Fatal(err)
		}
		scores, err := oarlock.ViewOf[float32](r, 0)
		if err != nil {
			log.Fatal(err)
		}
		best = append(best, slices.Max(scores.Data()))
	}
	fmt.Println(best)
	// Output: [0.9 0.9 0.9]
}

// A clone stays when the runner goes on to the next request.
func ExampleView_Clone() {
	r := classifying(6)
	scores, err := oarlock.ViewOf[float32](r, 0)
	if err != nil {
		log.Fatal(err)
	}
	kept := scores.Clone()
	defer kept.Close()
	r.Close() // ends the view
	fmt.Println(kept.Shape(), kept.Data()[6])
	// Output: [1,10] 0.9
}

// All rows lie one after the other; the row of an image is a piece of the slice.
func ExampleView_Data() {
	r := classifying(5)
	defer r.Close()
	scores, err := oarlock.ViewOf[float32](r, 0)
	if err != nil {
		log.Fatal(err)
	}
	for row := range slices.Chunk(scores.Data(), 10) {
		fmt.Println(row)
	}
	// Output: [0 0 0 0 0 0.9 0 0 0 0]
}

// An output that is as large as its input: how large is it this time?
func ExampleView_Shape() {
	r := classifying(0)
	defer r.Close()
	scores, err := oarlock.ViewOf[float32](r, 0)
	if err != nil {
		log.Fatal(err)
	}
	rows, classes := scores.Shape()[0], scores.Shape()[1]
	fmt.Println(rows, "image,", classes, "classes")
	// Output: 1 image, 10 classes
}
