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
	if !ok {
		return fails(oarlock.FailedPrecondition, "the tensor was released")
	}
	at := placementOf(p, options)
	wanted := at.shape
	if len(t.dims) == len(wanted) {
		wanted[0] = t.dims[0]
	}
	if oarlock.DType(t.dtype) != oarlock.Float32 || !wanted.Equal(t.dims) {
		return fails(oarlock.InvalidArgument, fmt.Sprintf("the picture becomes FP32 %v; the tensor is %v %v", wanted, oarlock.DType(t.dtype), oarlock.Shape(t.dims)))
	}
	if row < 0 || row >= t.dims[0] {
		return fails(oarlock.OutOfRange, fmt.Sprintf("row %d of %d", row, t.dims[0]))
	}
	out := unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(t.bytes))), len(t.bytes)/4)
	count := at.width * at.height * p.Channels
	at.fill(out[int(row)*count:][:count])
	return driver.Status{}
}
