package oarlock_test

import (
	"fmt"
	"log"

	"github.com/oarlock/oarlock/go/oarlock"
)

// rowsOf are the rows of a tensor of two dims, whatever it is made of.
func rowsOf[T oarlock.Element](t *oarlock.Tensor[T]) [][]T {
	columns := int(t.Shape()[1])
	rows := make([][]T, t.Shape()[0])
	for i := range rows {
		rows[i] = t.Data()[i*columns:][:columns]
	}
	return rows
}

// A function for tensors of all types.
func ExampleElement() {
	scores, err := oarlock.NewTensor(oarlock.Shape{2, 3}, []float32{0.1, 0.7, 0.2, 0.8, 0.1, 0.1})
	if err != nil {
		log.Fatal(err)
	}
	defer scores.Close()
	masks, err := oarlock.NewTensor(oarlock.Shape{2, 2}, []bool{true, false, true, true})
	if err != nil {
		log.Fatal(err)
	}
	defer masks.Close()
	fmt.Println(rowsOf(scores))
	fmt.Println(rowsOf(masks))
	// Output:
	// [[0.1 0.7 0.2] [0.8 0.1 0.1]]
	// [[true false] [true true]]
}
