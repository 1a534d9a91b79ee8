package paddlecompat

import (
	"reflect"
	"slices"

	"github.com/oarlock/oarlock/go/oarlock"
)

// Tensor is an input or an output of a predictor. What Predictor says of goroutines holds for all its tensors together.
type Tensor struct {
	name      string
	predictor *Predictor // nil for one of a name that there is not; err says so then
	port      *port
	err       error // of the last call that could fail
}

// do makes a call that can fail, with the predictor kept from other goroutines.
func (t *Tensor) do(call func(*port) error) error {
	if t.predictor == nil {
		return t.missing()
	}
	t.predictor.mu.Lock()
	defer t.predictor.mu.Unlock()
	if t.err = t.predictor.check(); t.err == nil {
		t.err = call(t.port)
	}
	return t.err
}

// missing says why there is no such tensor.
func (t *Tensor) missing() error {
	if t.err == nil {
		return failed(oarlock.InvalidArgument, "no tensor; Predictor.GetInputHandle finds one")
	}
	return t.err
}

// report tells of a failure. Of a tensor that there is not, GetInputHandle or GetOutputHandle has told.
func (t *Tensor) report(call string, err error) {
	if t.predictor != nil {
		report(call, err)
	}
}

// Err is why the last Reshape, CopyFromCpu or CopyToCpu failed, or why there is no such tensor; nil if all is well.
func (t *Tensor) Err() error {
	if t.predictor == nil {
		return t.missing()
	}
	t.predictor.mu.Lock()
	defer t.predictor.mu.Unlock()
	return t.err
}

// Name is its name, as the model has it.
func (t *Tensor) Name() string { return t.name }

// Reshape sets the dims of an input, for the CopyFromCpu that follows. What it holds stays if the number of elements does.
// If it fails, the log and Err say why, and Run fails until another Reshape is right.
func (t *Tensor) Reshape(shape []int32) { t.report("Reshape", t.ReshapeE(shape)) }

// ReshapeE is Reshape that returns the error.
func (t *Tensor) ReshapeE(shape []int32) error {
	return t.do(func(p *port) error { return p.reshape(shape) })
}

// Shape is the dims: of an input as they were set, of an output as the last run made them. Until then they are the model's,
// with 0 for any. The slice is the caller's.
func (t *Tensor) Shape() []int32 {
	if t.predictor == nil {
		return []int32{}
	}
	t.predictor.mu.Lock()
	defer t.predictor.mu.Unlock()
	return t.port.shape()
}

// Type is the type of its elements, as the model has it.
func (t *Tensor) Type() DataType { return dataTypeOf(t.DType()) }

// DType is Type for all types there are; 0 if there is no such tensor. Not in the old API.
func (t *Tensor) DType() oarlock.DType {
	if t.predictor == nil {
		return 0
	}
	return t.port.DType
}

// CopyFromCpu fills an input with the beginning of a slice of its type: []float32, []int32, []int64, []uint8, []int8, or
// another of oarlock.Element. If it fails, the log and Err say why, and Run fails until it is filled. An input whose dims the
// model fixes needs no Reshape.
func (t *Tensor) CopyFromCpu(value interface{}) { t.report("CopyFromCpu", t.CopyFromCpuE(value)) }

// CopyFromCpuE is CopyFromCpu that returns the error.
func (t *Tensor) CopyFromCpuE(value interface{}) error {
	return t.do(func(p *port) error { return p.copyFrom(value) })
}

// CopyToCpu copies its elements to the beginning of a slice of its type. If it fails, the log and Err say why, and the slice
// is cleared, so that what it held does not pass for the answer.
func (t *Tensor) CopyToCpu(value interface{}) {
	if err := t.CopyToCpuE(value); err != nil {
		t.report("CopyToCpu", err)
		if slice := reflect.ValueOf(value); slice.Kind() == reflect.Slice {
			slice.Clear()
		}
	}
}

// CopyToCpuE is CopyToCpu that returns the error, and leaves the slice as it is then.
func (t *Tensor) CopyToCpuE(value interface{}) error {
	return t.do(func(p *port) error { return p.copyTo(value) })
}

// SetLod keeps the levels of detail for Lod. No model that can be loaded reads them: Paddle's sequence operators, which do,
// are an error of NewPredictor.
func (t *Tensor) SetLod(lod [][]uint) {
	if t.predictor == nil {
		return
	}
	t.predictor.mu.Lock()
	defer t.predictor.mu.Unlock()
	t.port.lod = cloneLod(lod)
}

// Lod is what SetLod was given, and empty for an output.
func (t *Tensor) Lod() [][]uint {
	if t.predictor == nil {
		return [][]uint{}
	}
	t.predictor.mu.Lock()
	defer t.predictor.mu.Unlock()
	return cloneLod(t.port.lod)
}

func cloneLod(lod [][]uint) [][]uint {
	clone := make([][]uint, len(lod))
	for i, level := range lod {
		clone[i] = slices.Clone(level)
	}
	return clone
}
