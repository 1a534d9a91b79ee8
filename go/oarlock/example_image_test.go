package oarlock_test

import (
	"fmt"
	"image/color"
	"image/png"
	"io"
	"log"

	"github.com/oarlock/oarlock/go/oarlock"
	"github.com/oarlock/oarlock/go/oarlocktest"
)

// From a file to what a model takes: decoded, brought to size, scaled and laid out.
func ExampleImage() {
	rt, err := oarlocktest.NewRuntime(models)
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	photo, err := rt.Decode(redAndBlue(), oarlock.RGB)
	if err != nil {
		log.Fatal(err)
	}
	defer photo.Close()
	x, err := photo.Tensor(oarlock.ImageOptions{Height: 224, Width: 224})
	if err != nil {
		log.Fatal(err)
	}
	defer x.Close()
	fmt.Println(photo.Bounds().Size(), "->", x.Shape())
	// Output: (2,1) -> [1,3,224,224]
}

// An upload that is no picture is refused before a model sees it.
func ExampleRuntime_Decode() {
	rt, err := oarlocktest.NewRuntime(models)
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	for _, upload := range [][]byte{redAndBlue(), []byte("a letter")} {
		photo, err := rt.Decode(upload, oarlock.RGB)
		if err != nil {
			fmt.Println("refused:", oarlock.CodeOf(err))
			continue
		}
		defer photo.Close()
		fmt.Println("a picture of", photo.Bounds().Dx(), "x", photo.Bounds().Dy())
	}
	// Output:
	// a picture of 2 x 1
	// refused: INVALID_ARGUMENT
}

// One pixel, whatever the order of channels.
func ExampleImage_At() {
	photo := decoded(oarlock.BGR)
	defer photo.Close()
	r, g, b, _ := photo.At(1, 0).RGBA()
	fmt.Println(r>>8, g>>8, b>>8)
	// Output: 0 0 255
}

// A detector's boxes are of the picture that the model saw; they are brought back to this one's size.
func ExampleImage_Bounds() {
	photo := decoded(oarlock.RGB)
	defer photo.Close()
	const modelWidth = 640
	box := 320 // the right edge of what was found
	fmt.Println("right edge:", box*photo.Bounds().Dx()/modelWidth)
	// Output: right edge: 1
}

// A model of gray pictures needs one channel.
func ExampleImage_Channels() {
	colored, gray := decoded(oarlock.RGB), decoded(oarlock.Gray)
	defer colored.Close()
	defer gray.Close()
	fmt.Println(colored.Channels(), gray.Channels())
	// Output: 3 1
}

// The pixels lie in the library's memory: large pictures are closed when their tensor is made.
func ExampleImage_Close() {
	photo := decoded(oarlock.RGB)
	x, err := photo.Tensor(oarlock.ImageOptions{Scale: 1})
	photo.Close()
	if err != nil {
		log.Fatal(err)
	}
	defer x.Close()
	fmt.Println(x.Data())
	_, err = photo.Tensor(oarlock.ImageOptions{})
	fmt.Println(err)
	// Output:
	// [255 0 0 0 0 255]
	// oarlock: FAILED_PRECONDITION: the image was closed
}

// An Image is an image.Image: the packages that draw and encode take it as it is.
func ExampleImage_ColorModel() {
	photo := decoded(oarlock.BGR)
	defer photo.Close()
	fmt.Println(photo.ColorModel() == color.NRGBAModel, png.Encode(io.Discard, photo))
	// Output: true <nil>
}

// Code that reads Pixels asks which channel comes first.
func ExampleImage_Order() {
	photo := decoded(oarlock.BGR)
	defer photo.Close()
	red := 0
	if photo.Order() == oarlock.BGR {
		red = 2
	}
	fmt.Println("red:", photo.Pixels()[red])
	// Output: red: 255
}

// How bright is the picture? Pixels are read one after the other, without a call for each.
func ExampleImage_Pixels() {
	photo := decoded(oarlock.RGB)
	defer photo.Close()
	sum := 0
	for _, level := range photo.Pixels() {
		sum += int(level)
	}
	fmt.Println(photo.Pixels(), "mean", sum/len(photo.Pixels()))
	// Output: [255 0 0 0 0 255] mean 85
}
