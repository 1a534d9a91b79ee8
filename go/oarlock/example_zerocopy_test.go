package oarlock_test

import (
	"fmt"
	"log"

	"github.com/oarlock/oarlock/go/oarlock"
)

// Will the engine read this tensor where it lies, run by run? A copy of a large picture costs more than many a model.
func ExamplePredictor_CheckInput() {
	p := digitClassifier()
	defer p.Close()
	images, err := oarlock.Empty[float32](oarlock.Shape{64, 784})
	if err != nil {
		log.Fatal(err)
	}
	defer images.Close()
	z, err := p.CheckInput(0, images)
	if err != nil {
		log.Fatal(err)
	}
	if z.Condition != oarlock.ConditionMet {
		fmt.Println("it is copied:", z.Text)
	}
	fmt.Println("condition:", z.Condition)
	// Output: condition: met
}

// A tensor that an answer is to be written into can be tried before the first run.
func ExamplePredictor_CheckOutput() {
	p := digitClassifier()
	defer p.Close()
	digits := oarlock.FromSlice(make([]int64, 10))
	defer digits.Close()
	z, err := p.CheckOutput(0, digits)
	if err != nil {
		log.Fatal(err)
	}
	if z.IsRefused {
		fmt.Printf("a run would fail: wanted %v, found %v\n", oarlock.DType(z.Wanted), oarlock.DType(z.Found))
	}
	// Output: a run would fail: wanted FP32, found INT64
}

// What to do about a tensor that cannot be used where it lies depends on why.
func ExampleCondition() {
	p := digitClassifier()
	defer p.Close()
	half := oarlock.FromSlice(make([]oarlock.Float16, 784))
	defer half.Close()
	z, err := p.CheckInput(0, half)
	if err != nil {
		log.Fatal(err)
	}
	switch z.Condition {
	case oarlock.ConditionMet:
		fmt.Println("nothing to do")
	case oarlock.ConditionDType:
		fmt.Println("convert it to", oarlock.DType(z.Wanted))
	case oarlock.ConditionAlignment:
		fmt.Println("make it with Empty")
	default:
		fmt.Println(z.Text)
	}
	// Output: convert it to FP32
}

// A line of a log that says why bytes were copied.
func ExampleCondition_String() {
	c := oarlock.Copy{Index: 0, Condition: oarlock.ConditionAlignment, SizeBytes: 602112}
	fmt.Printf("input %d: %d bytes copied: %v\n", c.Index, c.SizeBytes, c.Condition)
	// Output: input 0: 602112 bytes copied: alignment
}
