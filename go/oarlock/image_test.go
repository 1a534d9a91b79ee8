package oarlock_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"

	"github.com/oarlock/oarlock/go/oarlock"
)

// aPicture is 3 x 2 pixels: red, green, blue; black, white, (10, 20, 30).
func aPicture(t testing.TB) []byte {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, 3, 2))
	for i, c := range []color.NRGBA{
		{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {0, 0, 0, 255}, {255, 255, 255, 255}, {10, 20, 30, 255},
	} {
		picture.Set(i%3, i/3, c)
	}
	var file bytes.Buffer
	check(t, png.Encode(&file, picture))
	return file.Bytes()
}

func TestPicturesBecomeTensors(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		i, err := rt.Decode(aPicture(t), oarlock.BGR)
		check(t, err)
		defer i.Close()
		if i.Bounds() != image.Rect(0, 0, 3, 2) || i.Channels() != 3 || i.Order() != oarlock.BGR {
			t.Errorf("%v, %d channels, %v", i.Bounds(), i.Channels(), i.Order())
		}
		equal(t, i.Pixels(), []byte{0, 0, 255, 0, 255, 0, 255, 0, 0, 0, 0, 0, 255, 255, 255, 30, 20, 10})
		if got := i.At(2, 1); got != (color.NRGBA{10, 20, 30, 255}) || i.ColorModel() != color.NRGBAModel {
			t.Errorf("the last pixel is %v", got)
		}
		if got := i.At(3, 0); got != (color.Gray{}) {
			t.Errorf("outside is %v", got)
		}
		x, err := i.Tensor(oarlock.ImageOptions{Scale: 1, Mean: [3]float32{0, 10, 0}, Std: [3]float32{1, 1, 5}})
		check(t, err)
		defer x.Close()
		if !x.Shape().Equal(oarlock.Shape{1, 3, 2, 3}) {
			t.Errorf("the shape is %v", x.Shape())
		}
		equal(t, x.Data(), []float32{0, 0, 255, 0, 255, 30, -10, 245, -10, -10, 245, 10, 51, 0, 0, 0, 51, 2})
		rows, err := oarlock.Empty[float32](oarlock.Shape{2, 2, 3, 3})
		check(t, err)
		defer rows.Close()
		check(t, i.WriteTo(rows, 1, oarlock.ImageOptions{Scale: 1, Layout: oarlock.NHWC}))
		equal(t, rows.Data()[:18], make([]float32, 18))
		equal(t, rows.Data()[33:], []float32{30, 20, 10})
		fails(t, i.WriteTo(rows, 2, oarlock.ImageOptions{Layout: oarlock.NHWC}), oarlock.OutOfRange, "row 2 of 2")
		fails(t, i.WriteTo(nil, 0, oarlock.ImageOptions{}), oarlock.InvalidArgument, "no tensor")
		check(t, i.Close())
		check(t, i.Close())
		fails(t, i.WriteTo(rows, 0, oarlock.ImageOptions{}), oarlock.FailedPrecondition, "the image was closed")
	})
}

func TestPicturesKeepTheirProportionsIfTold(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		i, err := rt.Decode(aPicture(t), oarlock.Gray)
		check(t, err)
		defer i.Close()
		gray := make([]float32, 6)
		for at, level := range i.Pixels() {
			gray[at] = float32(level)
		}
		options := oarlock.ImageOptions{Height: 4, Width: 3, Resize: oarlock.KeepRatio, PadValue: 100, Scale: 1}
		tall, err := i.Tensor(options)
		check(t, err)
		defer tall.Close()
		equal(t, tall.Data(), append(gray, 100, 100, 100, 100, 100, 100))
		options.Height, options.Width, options.Mean = 2, 5, [3]float32{50}
		wide, err := i.Tensor(options)
		check(t, err)
		defer wide.Close()
		equal(t, wide.Data(), []float32{
			gray[0] - 50, gray[1] - 50, gray[2] - 50, 50, 50, gray[3] - 50, gray[4] - 50, gray[5] - 50, 50, 50,
		})
	})
}

func TestATensorMustHaveTheDimsThatTheOptionsAskFor(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		i, err := rt.Decode(aPicture(t), oarlock.RGB)
		check(t, err)
		defer i.Close()
		for _, of := range []struct {
			tensor  oarlock.Value
			options oarlock.ImageOptions
			words   string
		}{
			{tensor(t, oarlock.Shape{1, 3, 2, 3}, make([]float32, 18)), oarlock.ImageOptions{Height: 4}, "the picture becomes FP32 [1,3,4,3]; the tensor is FP32 [1,3,2,3]"},
			{tensor(t, oarlock.Shape{1, 3, 2, 3}, make([]float32, 18)), oarlock.ImageOptions{Layout: oarlock.NHWC}, "the picture becomes FP32 [1,2,3,3]"},
			{tensor(t, oarlock.Shape{1, 3, 2, 3}, make([]uint8, 18)), oarlock.ImageOptions{}, "the tensor is UINT8 [1,3,2,3]"},
			{tensor(t, oarlock.Shape{3, 2, 3}, make([]float32, 18)), oarlock.ImageOptions{}, "the picture becomes FP32 [1,3,2,3]"},
		} {
			fails(t, i.WriteTo(of.tensor, 0, of.options), oarlock.InvalidArgument, of.words)
		}
	})
}

func TestGrayPictures(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		i, err := rt.Decode(aPicture(t), oarlock.Gray)
		check(t, err)
		defer i.Close()
		if i.Channels() != 1 || i.ColorModel() != color.GrayModel || i.At(1, 1) != (color.Gray{Y: 255}) {
			t.Errorf("%d channels, white is %v", i.Channels(), i.At(1, 1))
		}
		_, err = rt.Decode([]byte("no picture"), oarlock.RGB)
		if err == nil {
			t.Error("a text was decoded")
		}
		_, err = rt.Decode(nil, oarlock.RGB)
		if err == nil {
			t.Error("nothing was decoded")
		}
	})
}
