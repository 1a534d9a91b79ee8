package paddlecompat

import (
	"math"
	"slices"

	"github.com/oarlock/oarlock/go/oarlock"
)

// port is one input or output of a predictor.
type port struct {
	oarlock.Port
	isOutput bool
	elements elements // nil for Bytes
	lod      [][]uint
	// refusal is why the last Reshape was refused. Until one is not, nothing is copied.
	refusal error
	// isFilled says that there is something to read: that an input was copied since its size last changed, or that an output
	// is of the last run, which succeeded.
	isFilled bool
}

func newPort(of oarlock.Port, isOutput bool) *port {
	p := &port{Port: of, isOutput: isOutput}
	p.elements = newElements(p.String(), of.DType)
	return p
}

// String is as in errors: "input 'x'".
func (p *port) String() string {
	if p.isOutput {
		return "output '" + p.Name + "'"
	}
	return "input '" + p.Name + "'"
}

// usable says whether the port is an input of numbers, and what else it is.
func (p *port) usable() error {
	if p.elements == nil {
		return failed(oarlock.Unimplemented, "%v is of %v, which the old API has not; package oarlock takes it", p, p.DType)
	}
	if p.isOutput {
		return failed(oarlock.InvalidArgument, "%v: only inputs are reshaped and filled", p)
	}
	return nil
}

func (p *port) reshape(shape []int32) error {
	if err := p.usable(); err != nil {
		return err
	}
	if p.refusal == nil && p.has(shape) {
		return nil // as programs do before every run
	}
	wide := make(oarlock.Shape, len(shape))
	for i, dim := range shape {
		wide[i] = int64(dim)
	}
	before := p.count()
	p.refusal = p.elements.reshape(wide)
	if p.refusal != nil || p.count() != before {
		p.isFilled = false
	}
	return p.refusal
}

// has says whether those are the dims already.
func (p *port) has(shape []int32) bool {
	v := p.elements.value()
	return v != nil && slices.EqualFunc(v.Shape(), shape, func(is int64, dim int32) bool { return is == int64(dim) })
}

// count is the elements of an input; -1 before the first reshape.
func (p *port) count() int {
	if v := p.elements.value(); v != nil {
		count, _ := v.Shape().Count()
		return count
	}
	return -1
}

func (p *port) copyFrom(data any) error {
	if err := p.usable(); err != nil {
		return err
	}
	p.isFilled = false
	if p.refusal != nil {
		return p.refusal
	}
	if p.elements.value() == nil {
		if slices.Contains(p.Shape, -1) || p.Shape == nil {
			return failed(oarlock.FailedPrecondition, "%v has no shape yet; Reshape comes before CopyFromCpu, and the model takes %v", p, p.Shape)
		}
		if err := p.elements.reshape(p.Shape); err != nil {
			return err
		}
	}
	if err := p.elements.copyFrom(data); err != nil {
		return err
	}
	p.isFilled = true
	return nil
}

func (p *port) copyTo(data any) error {
	if p.elements == nil {
		return p.usable()
	}
	if !p.isFilled {
		if p.isOutput {
			return failed(oarlock.FailedPrecondition, "%v: there is no run that succeeded to read it of", p)
		}
		return failed(oarlock.FailedPrecondition, "%v was not filled since it was last reshaped", p)
	}
	return p.elements.copyTo(data)
}

// shape is the dims there are, else those that the model allows, with 0 for any: a product of dims is the length of a slice
// that programs make.
func (p *port) shape() []int32 {
	from := p.Shape
	if p.elements != nil && p.elements.value() != nil && (p.isFilled || !p.isOutput) {
		from = p.elements.value().Shape()
	}
	dims := make([]int32, len(from))
	for i, dim := range from {
		dims[i] = int32(min(max(dim, 0), math.MaxInt32))
	}
	return dims
}
