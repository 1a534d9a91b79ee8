package oarlock_test

import (
	"context"
	"fmt"
	"log"

	"github.com/oarlock/oarlock/go/oarlock"
)

// The outputs of a model are Values; a type switch tells what each is made of.
func ExampleValue() {
	words, err := oarlock.NewStrings(nil, []string{"cat", "dog"})
	if err != nil {
		log.Fatal(err)
	}
	outputs := []oarlock.Value{oarlock.FromSlice([]float32{0.9, 0.1}), words}
	for _, output := range outputs {
		defer output.Close()
		fmt.Print(output.DType(), " ", output.Shape(), ": ")
		switch v := output.(type) {
		case *oarlock.Tensor[float32]:
			fmt.Println(v.Data())
		case *oarlock.Strings:
			fmt.Printf("%s\n", v.Elements())
		default:
			fmt.Println("something else")
		}
	}
	// Output:
	// FP32 [2]: [0.9 0.1]
	// BYTES [2]: [cat dog]
}

// The slice of an output whose type is known, and a clear error where it turned out to be another.
func ExampleDataOf() {
	p := adder()
	defer p.Close()
	x := oarlock.FromSlice([]float32{1, 2, 3})
	defer x.Close()
	outputs, err := p.Predict(context.Background(), x, x)
	if err != nil {
		log.Fatal(err)
	}
	defer outputs[0].Close()

	sum, err := oarlock.DataOf[float32](outputs[0])
	fmt.Println(sum, err)
	_, err = oarlock.DataOf[int64](outputs[0])
	fmt.Println(err)
	// Output:
	// [2 4 6] <nil>
	// oarlock: INVALID_ARGUMENT: the tensor is of FP32; wanted INT64
}
