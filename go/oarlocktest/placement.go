package oarlocktest

import (
	"github.com/oarlock/oarlock/go/internal/driver"
	"github.com/oarlock/oarlock/go/oarlock"
)

// placement is a picture at the top left of what a model takes, and padding elsewhere.
type placement struct {
	picture                   *driver.Picture
	options                   *driver.PictureOptions
	shape                     oarlock.Shape // of one row
	width, height             int
	fittedWidth, fittedHeight int // of the picture itself
}

func placementOf(p *driver.Picture, options *driver.PictureOptions) placement {
	at := placement{picture: p, options: options, width: options.Width, height: options.Height}
	if at.width == 0 {
		at.width = p.Width
	}
	if at.height == 0 {
		at.height = p.Height
	}
	at.shape = oarlock.Shape{1, int64(p.Channels), int64(at.height), int64(at.width)}
	if oarlock.Layout(options.Layout) == oarlock.NHWC {
		at.shape = oarlock.Shape{1, int64(at.height), int64(at.width), int64(p.Channels)}
	}
	at.fittedWidth, at.fittedHeight = at.width, at.height
	if oarlock.Resize(options.Resize) == oarlock.KeepRatio {
		if p.Width*at.height >= p.Height*at.width {
			at.fittedHeight = min(scaled(p.Height, at.width, p.Width), at.height)
		} else {
			at.fittedWidth = min(scaled(p.Width, at.height, p.Height), at.width)
		}
	}
	return at
}

// scaled is side * to / from, rounded, and at least 1.
func scaled(side, to, from int) int { return max((side*to+from/2)/from, 1) }

// fill writes one picture.
func (at *placement) fill(out []float32) {
	channels := at.picture.Channels
	for y := range at.height {
		for x := range at.width {
			for c := range channels {
				to := (c*at.height+y)*at.width + x
				if oarlock.Layout(at.options.Layout) == oarlock.NHWC {
					to = (y*at.width+x)*channels + c
				}
				out[to] = at.normalised(at.level(x, y, c), c)
			}
		}
	}
}

// level is from 0 to 255.
func (at *placement) level(x, y, c int) float32 {
	if x >= at.fittedWidth || y >= at.fittedHeight {
		return at.options.PadValue
	}
	p := at.picture
	return float32(p.Pixels[(y*p.Height/at.fittedHeight*p.Width+x*p.Width/at.fittedWidth)*p.Channels+c])
}

func (at *placement) normalised(level float32, channel int) float32 {
	scale, std := at.options.Scale, at.options.Std[channel]
	if scale == 0 {
		scale = 1.0 / 255
	}
	if std == 0 {
		std = 1
	}
	return (level*scale - at.options.Mean[channel]) / std
}
