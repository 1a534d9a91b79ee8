package oarlocktest

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // the formats that the library decodes
	_ "image/png"
	"unsafe"

	"github.com/oarlock/oarlock/go/internal/driver"
	"github.com/oarlock/oarlock/go/oarlock"
)

func (s *scripted) Decode(file []byte, order int32) (driver.Handle, driver.Status) {
	decoded, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return 0, fails(oarlock.InvalidArgument, err.Error())
	}
	size := decoded.Bounds().Size()
	p := &driver.Picture{Width: size.X, Height: size.Y, Channels: 3, Color: order}
	if oarlock.ColorOrder(order) == oarlock.Gray {
		p.Channels = 1
	}
	for y := range size.Y {
		for x := range size.X {
			at := decoded.At(decoded.Bounds().Min.X+x, decoded.Bounds().Min.Y+y)
			rgb := color.NRGBAModel.Convert(at).(color.NRGBA)
			switch oarlock.ColorOrder(order) {
			case oarlock.Gray:
				p.Pixels = append(p.Pixels, color.GrayModel.Convert(at).(color.Gray).Y)
			case oarlock.BGR:
				p.Pixels = append(p.Pixels, rgb.B, rgb.G, rgb.R)
			default:
				p.Pixels = append(p.Pixels, rgb.R, rgb.G, rgb.B)
			}
		}
	}
	return s.add(p), driver.Status{}
}

func (s *scripted) CloseImage(handle driver.Handle) driver.Status {
	_, status := end[*driver.Picture](s, handle)
	return status
}

func (s *scripted) Picture(handle driver.Handle) (driver.Picture, driver.Status) {
	p, ok := get[*driver.Picture](s, handle)
	if !ok {
		return driver.Picture{}, fails(oarlock.FailedPrecondition, "the image was destroyed")
	}
	copied := *p
	copied.Pixels = append([]byte{}, p.Pixels...)
	return copied, driver.Status{}
}

// WritePicture takes the nearest pixel where sizes differ, which is not what the library does.
func (s *scripted) WritePicture(handle driver.Handle, options *driver.PictureOptions, given driver.Handle, row int64) driver.Status {
	p, ok := get[*driver.Picture](s, handle)
	if !ok {
		return fails(oarlock.FailedPrecondition, "the image was destroyed")
	}
	t, ok := get[*tensor](s, given)
	if !ok || oarlock.DType(t.dtype) != oarlock.Float32 || len(t.dims) != 4 {
		return fails(oarlock.InvalidArgument, "a tensor of FP32 and 4 dims is wanted")
	}
	height, width, channels := t.dims[2], t.dims[3], t.dims[1]
	if oarlock.Layout(options.Layout) == oarlock.NHWC {
		height, width, channels = t.dims[1], t.dims[2], t.dims[3]
	}
	if channels != int64(p.Channels) || row < 0 || row >= t.dims[0] {
		return fails(oarlock.InvalidArgument, fmt.Sprintf("row %d of %v for a picture of %d channels", row, oarlock.Shape(t.dims), p.Channels))
	}
	out := unsafe.Slice((*float32)(unsafe.Pointer(&t.bytes[0])), len(t.bytes)/4)[row*height*width*channels:]
	scale := options.Scale
	if scale == 0 {
		scale = 1.0 / 255
	}
	for y := range height {
		for x := range width {
			from := (y*int64(p.Height)/height*int64(p.Width) + x*int64(p.Width)/width) * channels
			for c := range channels {
				std := options.Std[c]
				if std == 0 {
					std = 1
				}
				to := (c*height+y)*width + x
				if oarlock.Layout(options.Layout) == oarlock.NHWC {
					to = (y*width+x)*channels + c
				}
				out[to] = (float32(p.Pixels[from+c])*scale - options.Mean[c]) / std
			}
		}
	}
	return driver.Status{}
}
