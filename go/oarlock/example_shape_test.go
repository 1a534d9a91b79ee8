package oarlock_test

import (
	"fmt"
	"log"

	"github.com/oarlock/oarlock/go/oarlock"
)

// A batch of eight colour pictures.
func ExampleShape() {
	batch := oarlock.Shape{8, 3, 224, 224}
	fmt.Println(batch, "of", len(batch), "dims")
	// Output: [8,3,224,224] of 4 dims
}

// A server refuses a request by its size before it makes room for it.
func ExampleShape_Count() {
	const elementsMax = 1 << 20
	for _, asked := range []oarlock.Shape{{1, 3, 224, 224}, {64, 3, 224, 224}, {1, -1}} {
		count, err := asked.Count()
		switch {
		case err != nil:
			fmt.Println(err)
		case count > elementsMax:
			fmt.Printf("%v has %d elements; %d at most\n", asked, count, elementsMax)
		default:
			fmt.Println(asked, "is taken")
		}
	}
	// Output:
	// [1,3,224,224] is taken
	// [64,3,224,224] has 9633792 elements; 1048576 at most
	// oarlock: INVALID_ARGUMENT: dim 1 of shape [1,-1] is -1; it must be 0 or more
}

// A tensor of the request before is used again where it fits.
func ExampleShape_Equal() {
	kept, err := oarlock.Empty[float32](oarlock.Shape{4, 784})
	if err != nil {
		log.Fatal(err)
	}
	defer kept.Close()
	for _, asked := range []oarlock.Shape{{4, 784}, {5, 784}} {
		fmt.Println(asked, "fits:", kept.Shape().Equal(asked))
	}
	// Output:
	// [4,784] fits: true
	// [5,784] fits: false
}

// A shape in a log is as in Oarlock's errors; -1 is any.
func ExampleShape_String() {
	fmt.Println("the model takes " + oarlock.Shape{-1, 3, 224, 224}.String())
	// Output: the model takes [-1,3,224,224]
}
