package oarlock

import (
	"image"
	"image/color"
	"runtime"
	"sync/atomic"

	"github.com/oarlock/oarlock/go/internal/driver"
)

// ColorOrder is the order of a picture's channels.
type ColorOrder int32

// The orders of channels.
const (
	RGB  ColorOrder = 0
	BGR  ColorOrder = 1
	Gray ColorOrder = 2 // one channel
)

// Resize is how a picture is brought to a size.
type Resize int32

// The ways to resize.
const (
	Stretch   Resize = 0 // whatever that does to the proportions
	KeepRatio Resize = 1 // as large as fits; the rest, at the right and the bottom, is the pad value
)

// Layout is the order of dims.
type Layout int32

// The layouts.
const (
	NCHW Layout = 0
	NHWC Layout = 1
)

// ImageOptions are how a picture becomes the numbers that a model takes: (pixel * Scale - Mean) / Std, by channel.
type ImageOptions struct {
	// Height and Width are those of the tensor; 0 = the picture's own.
	Height, Width int
	// Resize is how it is brought to that size.
	Resize Resize
	// PadValue is the gray level, 0 to 255, of what KeepRatio adds; it is scaled and normalised like a pixel.
	PadValue float32
	// Scale is the factor of each value; 0 = 1/255.
	Scale float32
	// Mean is subtracted after scaling, by channel in the order of the picture's colours.
	Mean [3]float32
	// Std is divided by afterwards; 0 = 1.
	Std [3]float32
	// Layout is the order of dims.
	Layout Layout
}

// Image is a decoded picture. Any goroutine may use it.
type Image struct {
	state   *imageState
	runtime *Runtime
	picture driver.Picture
}

type imageState struct {
	driver driver.Driver
	handle driver.Handle
	closed atomic.Bool
	site   string
}

func (s *imageState) close() bool {
	if !s.closed.CompareAndSwap(false, true) {
		return false
	}
	s.driver.CloseImage(s.handle)
	kindImage.forget(s.site)
	return true
}

// Decode decodes a JPEG or PNG file.
func (r *Runtime) Decode(file []byte, order ColorOrder) (*Image, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	d := r.state.driver
	handle, status := d.Decode(file, int32(order))
	if !status.OK() {
		return nil, errorOf(status)
	}
	picture, status := d.Picture(handle)
	if !status.OK() {
		d.CloseImage(handle)
		return nil, errorOf(status)
	}
	kindImage.opened()
	made := &Image{&imageState{driver: d, handle: handle, site: kindImage.note()}, r, picture}
	runtime.AddCleanup(made, func(s *imageState) {
		if s.close() {
			kindImage.lost()
		}
	}, made.state)
	return made, nil
}

// Close lets go of it. Closing twice is no error.
func (i *Image) Close() error {
	if i.state.close() {
		kindImage.closed()
	}
	runtime.KeepAlive(i)
	return nil
}

// Order is the order of its channels.
func (i *Image) Order() ColorOrder { return ColorOrder(i.picture.Color) }

// Pixels are a copy of its own, 8 bits a channel, interleaved, rows from the top: Pixels()[(y*width+x)*channels+c].
func (i *Image) Pixels() []byte { return i.picture.Pixels }

// Channels is 1 or 3.
func (i *Image) Channels() int { return i.picture.Channels }

// Bounds, ColorModel and At make it an image.Image.
func (i *Image) Bounds() image.Rectangle { return image.Rect(0, 0, i.picture.Width, i.picture.Height) }

// ColorModel is that of gray pictures, or of coloured ones.
func (i *Image) ColorModel() color.Model {
	if i.picture.Channels == 1 {
		return color.GrayModel
	}
	return color.NRGBAModel
}

// At is one pixel; black outside of the picture.
func (i *Image) At(x, y int) color.Color {
	if !(image.Pt(x, y).In(i.Bounds())) {
		return color.Gray{}
	}
	at := i.picture.Pixels[(y*i.picture.Width+x)*i.picture.Channels:]
	switch i.Order() {
	case Gray:
		return color.Gray{Y: at[0]}
	case BGR:
		return color.NRGBA{at[2], at[1], at[0], 0xff}
	}
	return color.NRGBA{at[0], at[1], at[2], 0xff}
}

// WriteTo resizes, normalises and lays out the picture in one step, into row `row` of dim 0 of a tensor of float32s, whose
// other dims are those that the options ask for: [rows, channels, height, width] or [rows, height, width, channels].
func (i *Image) WriteTo(v Value, row int, options ImageOptions) error {
	if i.state.closed.Load() {
		return closedError("image")
	}
	if isNil(v) {
		return failed(InvalidArgument, "no tensor")
	}
	handle, err := v.lend(i.state.driver, nil, 0)
	if err != nil {
		return err
	}
	given := driver.PictureOptions{
		Height: options.Height, Width: options.Width, Resize: int32(options.Resize), PadValue: options.PadValue,
		Scale: options.Scale, Mean: options.Mean, Std: options.Std, Layout: int32(options.Layout),
	}
	status := i.state.driver.WritePicture(i.state.handle, &given, handle, int64(row))
	runtime.KeepAlive(v)
	runtime.KeepAlive(i)
	return errorOf(status)
}

// Tensor is the picture as a tensor of one row: [1, channels, height, width] or [1, height, width, channels].
func (i *Image) Tensor(options ImageOptions) (*Tensor[float32], error) {
	height, width := int64(options.Height), int64(options.Width)
	if height == 0 {
		height = int64(i.picture.Height)
	}
	if width == 0 {
		width = int64(i.picture.Width)
	}
	shape := Shape{1, int64(i.picture.Channels), height, width}
	if options.Layout == NHWC {
		shape = Shape{1, height, width, int64(i.picture.Channels)}
	}
	t, err := Empty[float32](shape)
	if err != nil {
		return nil, err
	}
	if err := i.WriteTo(t, 0, options); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}
