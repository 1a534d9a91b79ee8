package oarlock_test

import (
	"context"
	"fmt"
	"log"

	"github.com/oarlock/oarlock/go/oarlock"
)

// A tensor is a slice with a shape: what is written into the slice is what the model reads.
func ExampleTensor() {
	pixels := make([]float32, 3*2*2)
	picture, err := oarlock.NewTensor(oarlock.Shape{1, 3, 2, 2}, pixels)
	if err != nil {
		log.Fatal(err)
	}
	defer picture.Close()
	pixels[0] = 0.5
	fmt.Println(picture.Shape(), picture.DType(), picture.Data()[0])
	// Output: [1,3,2,2] FP32 0.5
}

// Pixels that another package decoded go to the model as they are. A slice that does not fit the shape is refused.
func ExampleNewTensor() {
	pixels := make([]uint8, 28*28)
	image, err := oarlock.NewTensor(oarlock.Shape{1, 28, 28}, pixels)
	if err != nil {
		log.Fatal(err)
	}
	defer image.Close()
	fmt.Println(image.Shape(), image.DType())

	_, err = oarlock.NewTensor(oarlock.Shape{1, 28, 28, 3}, pixels)
	fmt.Println(err)
	// Output:
	// [1,28,28] UINT8
	// oarlock: INVALID_ARGUMENT: 784 elements for shape [1,28,28,3], which has 2352
}

// One dim, of any slice, and no error to look at.
func ExampleFromSlice() {
	p := adder()
	defer p.Close()
	x := oarlock.FromSlice([]float32{1, 2, 3})
	defer x.Close()
	outputs, err := p.Predict(context.Background(), x, x)
	if err != nil {
		log.Fatal(err)
	}
	defer outputs[0].Close()
	fmt.Println(x.Shape(), outputs[0].(*oarlock.Tensor[float32]).Data())
	// Output: [3] [2 4 6]
}

// A batch is filled row by row. Its memory is aligned as engines like it, which a slice of make need not be.
func ExampleEmpty() {
	p := digitClassifier()
	defer p.Close()
	images, err := oarlock.Empty[float32](oarlock.Shape{3, 784})
	if err != nil {
		log.Fatal(err)
	}
	defer images.Close()
	for row, digit := range []int{3, 1, 4} {
		copy(images.Data()[784*row:], drawing(digit))
	}
	outputs, err := p.Predict(context.Background(), images)
	if err != nil {
		log.Fatal(err)
	}
	defer outputs[0].Close()
	fmt.Println(outputs[0].Shape())
	// Output: [3,10]
}

// An answer is kept while its tensor is used for the next.
func ExampleTensor_Clone() {
	p := adder()
	defer p.Close()
	x, sum := oarlock.FromSlice([]float32{1, 2, 3}), oarlock.FromSlice(make([]float32, 3))
	defer x.Close()
	defer sum.Close()
	inputs, outputs := []oarlock.Value{x, x}, []oarlock.Value{sum}
	if err := p.Infer(context.Background(), inputs, outputs); err != nil {
		log.Fatal(err)
	}
	first := sum.Clone()
	defer first.Close()
	x.Data()[0] = 100
	if err := p.Infer(context.Background(), inputs, outputs); err != nil {
		log.Fatal(err)
	}
	fmt.Println(first.Data(), sum.Data())
	// Output: [2 4 6] [200 4 6]
}

// Close ends the tensor, which no model takes any more, and not the slice.
func ExampleTensor_Close() {
	p := adder()
	defer p.Close()
	data := []float32{1, 2, 3}
	x := oarlock.FromSlice(data)
	x.Close()
	_, err := p.Predict(context.Background(), x, x)
	fmt.Println(err)
	fmt.Println(data)
	// Output:
	// oarlock: FAILED_PRECONDITION: the tensor was closed
	// [1 2 3]
}

// A function that takes any tensor tells what it was given.
func ExampleTensor_DType() {
	ids := oarlock.FromSlice([]int64{101, 7592, 102})
	defer ids.Close()
	if ids.DType() == oarlock.Int64 {
		fmt.Println("token ids, as", ids.DType())
	}
	// Output: token ids, as INT64
}

// The elements of a tensor are written in place: the next run reads them.
func ExampleTensor_Data() {
	x := oarlock.FromSlice([]float32{0, 128, 255})
	defer x.Close()
	for i, pixel := range x.Data() {
		x.Data()[i] = pixel / 255
	}
	fmt.Printf("%.1f\n", x.Data())
	// Output: [0.0 0.5 1.0]
}

// A picture of 28 x 28 pixels goes to a model that wants them in one row. Nothing is copied.
func ExampleTensor_Reshape() {
	picture, err := oarlock.Empty[float32](oarlock.Shape{28, 28})
	if err != nil {
		log.Fatal(err)
	}
	defer picture.Close()
	row, err := picture.Reshape(oarlock.Shape{1, 784})
	if err != nil {
		log.Fatal(err)
	}
	defer row.Close()
	picture.Data()[28*3] = 1 // the first pixel of line 3
	fmt.Println(row.Shape(), row.Data()[84])
	// Output: [1,784] 1
}

// Where is the element in column 2 of line 1?
func ExampleTensor_Shape() {
	table, err := oarlock.NewTensor(oarlock.Shape{2, 3}, []int32{0, 1, 2, 10, 11, 12})
	if err != nil {
		log.Fatal(err)
	}
	defer table.Close()
	columns := int(table.Shape()[1])
	fmt.Println(table.Data()[1*columns+2])
	// Output: 12
}
