package oarlock_test

import (
	"context"
	"fmt"
	"log"
	"slices"

	"github.com/oarlock/oarlock/go/oarlock"
	"github.com/oarlock/oarlock/go/oarlocktest"
)

// The numbers that a model was trained with: from 0 to 1, less the mean, by the deviation of each colour.
func ExampleImageOptions() {
	photo := decoded(oarlock.RGB)
	defer photo.Close()
	x, err := photo.Tensor(oarlock.ImageOptions{
		Mean: [3]float32{0.485, 0.456, 0.406},
		Std:  [3]float32{0.229, 0.224, 0.225},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer x.Close()
	fmt.Printf("%.2f\n", x.Data()[0]) // the red of the first pixel: (255/255 - 0.485) / 0.229
	// Output: 2.25
}

// One picture to one answer.
func ExampleImage_Tensor() {
	rt, err := oarlocktest.NewRuntime(map[string]oarlocktest.Model{"colour.onnx": {
		Inputs:  []oarlock.Port{{Name: "image", DType: oarlock.Float32, Shape: oarlock.Shape{1, 3, 1, 2}}},
		Outputs: []oarlock.Port{{Name: "colour", DType: oarlock.Float32, Shape: oarlock.Shape{3}}},
		Run: func(c *oarlocktest.Call) ([]oarlock.Value, error) {
			planes := c.Inputs[0].(*oarlock.Tensor[float32]).Data()
			first := []float32{planes[0], planes[2], planes[4]} // of each colour, the first pixel
			return []oarlock.Value{oarlock.FromSlice(first)}, nil
		},
	}})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	p, err := rt.Load("colour.onnx", oarlock.LoadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	photo, err := rt.Decode(redAndBlue(), oarlock.RGB)
	if err != nil {
		log.Fatal(err)
	}
	defer photo.Close()

	x, err := photo.Tensor(oarlock.ImageOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer x.Close()
	outputs, err := p.Predict(context.Background(), x)
	if err != nil {
		log.Fatal(err)
	}
	defer outputs[0].Close()
	levels := outputs[0].(*oarlock.Tensor[float32]).Data()
	fmt.Println([]string{"red", "green", "blue"}[slices.Index(levels, slices.Max(levels))])
	// Output: red
}

// Several pictures fill a batch, each its row, in a tensor that is used again for the next batch.
func ExampleImage_WriteTo() {
	rt, err := oarlocktest.NewRuntime(models)
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	batch, err := oarlock.Empty[float32](oarlock.Shape{2, 3, 1, 2})
	if err != nil {
		log.Fatal(err)
	}
	defer batch.Close()
	for row, upload := range [][]byte{redAndBlue(), redAndBlue()} {
		photo, err := rt.Decode(upload, oarlock.RGB)
		if err != nil {
			log.Fatal(err)
		}
		if err := photo.WriteTo(batch, row, oarlock.ImageOptions{}); err != nil {
			log.Fatal(err)
		}
		photo.Close()
	}
	for row := range slices.Chunk(batch.Data(), 6) {
		fmt.Println(row)
	}
	// Output:
	// [1 0 0 0 0 1]
	// [1 0 0 0 0 1]
}

// A model trained on pictures that OpenCV read takes blue first.
func ExampleColorOrder() {
	for _, order := range []oarlock.ColorOrder{oarlock.RGB, oarlock.BGR} {
		photo := decoded(order)
		defer photo.Close()
		fmt.Println(photo.Pixels()[:3])
	}
	// Output:
	// [255 0 0]
	// [0 0 255]
}

// Models that came from PyTorch and Paddle want a plane for each colour, those that came from TensorFlow the colours of a
// pixel together.
func ExampleLayout() {
	photo := decoded(oarlock.BGR)
	defer photo.Close()
	for _, layout := range []oarlock.Layout{oarlock.NCHW, oarlock.NHWC} {
		x, err := photo.Tensor(oarlock.ImageOptions{Scale: 1, Layout: layout})
		if err != nil {
			log.Fatal(err)
		}
		defer x.Close()
		fmt.Println(x.Shape(), x.Data())
	}
	// Output:
	// [1,3,1,2] [0 255 0 0 255 0]
	// [1,1,2,3] [0 0 255 255 0 0]
}

// A detector was trained on pictures of their own proportions, with gray below. A classifier does not mind stretched ones.
func ExampleResize() {
	photo := decoded(oarlock.RGB) // twice as wide as it is high
	defer photo.Close()
	for _, resize := range []oarlock.Resize{oarlock.Stretch, oarlock.KeepRatio} {
		x, err := photo.Tensor(oarlock.ImageOptions{Height: 2, Width: 2, Resize: resize, PadValue: 114, Scale: 1})
		if err != nil {
			log.Fatal(err)
		}
		defer x.Close()
		fmt.Println("red, line by line:", x.Data()[0:2], x.Data()[2:4])
	}
	// Output:
	// red, line by line: [255 0] [255 0]
	// red, line by line: [255 0] [114 114]
}
