package oarlock_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"log"
	"strings"

	"github.com/oarlock/oarlock/go/oarlock"
	"github.com/oarlock/oarlock/go/oarlocktest"
)

// models are what the examples load: stand-ins written in Go, so that the examples run without the library.
var models = map[string]oarlocktest.Model{
	"adder.onnx": { // three sums
		Inputs: []oarlock.Port{
			{Name: "a", DType: oarlock.Float32, Shape: oarlock.Shape{3}},
			{Name: "b", DType: oarlock.Float32, Shape: oarlock.Shape{3}},
		},
		Outputs: []oarlock.Port{{Name: "sum", DType: oarlock.Float32, Shape: oarlock.Shape{3}}},
		Run:     addUp,
	},
	"digits.onnx": { // pictures of 28 x 28 pixels to the scores of the ten digits
		Inputs:  []oarlock.Port{{Name: "image", DType: oarlock.Float32, Shape: oarlock.Shape{-1, 784}}},
		Outputs: []oarlock.Port{{Name: "scores", DType: oarlock.Float32, Shape: oarlock.Shape{-1, 10}}},
		Run:     scoreDigits,
	},
	"spam.onnx": { // mails to labels
		Inputs:  []oarlock.Port{{Name: "mail", DType: oarlock.Bytes, Shape: oarlock.Shape{-1}}},
		Outputs: []oarlock.Port{{Name: "label", DType: oarlock.Bytes, Shape: oarlock.Shape{-1}}},
		Run:     labelMails,
	},
}

func addUp(c *oarlocktest.Call) ([]oarlock.Value, error) {
	sum := c.Inputs[0].(*oarlock.Tensor[float32]).Clone()
	for i, b := range c.Inputs[1].(*oarlock.Tensor[float32]).Data() {
		sum.Data()[i] += b
	}
	return []oarlock.Value{sum}, nil
}

// scoreDigits takes the first ten pixels for the scores; drawing draws for it.
func scoreDigits(c *oarlocktest.Call) ([]oarlock.Value, error) {
	images := c.Inputs[0].(*oarlock.Tensor[float32])
	rows := images.Shape()[0]
	scores := make([]float32, 0, 10*rows)
	for row := range rows {
		scores = append(scores, images.Data()[784*row:][:10]...)
	}
	made, err := oarlock.NewTensor(oarlock.Shape{rows, 10}, scores)
	return []oarlock.Value{made}, err
}

func labelMails(c *oarlocktest.Call) ([]oarlock.Value, error) {
	mails := c.Inputs[0].(*oarlock.Strings)
	labels := make([]string, mails.Len())
	for i := range labels {
		labels[i] = "ham"
		if strings.Contains(mails.At(i), "prize") {
			labels[i] = "spam"
		}
	}
	made, err := oarlock.NewStrings(mails.Shape(), labels)
	return []oarlock.Value{made}, err
}

func load(path string) *oarlock.Predictor {
	rt, err := oarlocktest.NewRuntime(models)
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close() // a model keeps what it needs
	p, err := rt.Load(path, oarlock.LoadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	return p
}

func adder() *oarlock.Predictor           { return load("adder.onnx") }
func digitClassifier() *oarlock.Predictor { return load("digits.onnx") }
func spamFilter() *oarlock.Predictor      { return load("spam.onnx") }

// drawing is 28 x 28 pixels that digitClassifier takes for this digit.
func drawing(digit int) []float32 {
	pixels := make([]float32, 784)
	pixels[digit] = 0.9
	return pixels
}

// redAndBlue is a PNG file of two pixels, side by side.
func redAndBlue() []byte {
	picture := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	picture.Set(0, 0, color.NRGBA{R: 255, A: 255})
	picture.Set(1, 0, color.NRGBA{B: 255, A: 255})
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		log.Fatal(err)
	}
	return file.Bytes()
}

// decoded is redAndBlue with its channels in this order.
func decoded(order oarlock.ColorOrder) *oarlock.Image {
	rt, err := oarlocktest.NewRuntime(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	picture, err := rt.Decode(redAndBlue(), order)
	if err != nil {
		log.Fatal(err)
	}
	return picture
}
