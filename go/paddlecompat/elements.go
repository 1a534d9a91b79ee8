package paddlecompat

import (
	"github.com/oarlock/oarlock/go/oarlock"
)

// elements are those of one input or output, of a type that is known only when the model is loaded.
type elements interface {
	// value is the tensor of them; nil before the first reshape.
	value() oarlock.Value
	// adopt takes a tensor that was made for them.
	adopt(v oarlock.Value)
	// reshape makes value a tensor of that shape, in the memory of the one before where that is large enough.
	reshape(shape oarlock.Shape) error
	// copyFrom and copyTo copy as many elements as value has, from and to a slice of at least as many.
	copyFrom(data any) error
	copyTo(data any) error
	// keep copies an output from the engine's memory.
	keep(r *oarlock.Runner, index int) error
	close()
}

type elementsOf[T oarlock.Element] struct {
	of     string // "input 'x'"
	room   []T    // all memory there is; value has the beginning of it
	tensor *oarlock.Tensor[T]
}

// newElements are none yet, of a type; nil for Bytes, which the old API has not.
func newElements(of string, dtype oarlock.DType) elements {
	switch dtype {
	case oarlock.Bool:
		return &elementsOf[bool]{of: of}
	case oarlock.Uint8:
		return &elementsOf[uint8]{of: of}
	case oarlock.Uint16:
		return &elementsOf[uint16]{of: of}
	case oarlock.Uint32:
		return &elementsOf[uint32]{of: of}
	case oarlock.Uint64:
		return &elementsOf[uint64]{of: of}
	case oarlock.Int8:
		return &elementsOf[int8]{of: of}
	case oarlock.Int16:
		return &elementsOf[int16]{of: of}
	case oarlock.Int32:
		return &elementsOf[int32]{of: of}
	case oarlock.Int64:
		return &elementsOf[int64]{of: of}
	case oarlock.F16:
		return &elementsOf[oarlock.Float16]{of: of}
	case oarlock.BF16:
		return &elementsOf[oarlock.BFloat16]{of: of}
	case oarlock.Float32:
		return &elementsOf[float32]{of: of}
	case oarlock.Float64:
		return &elementsOf[float64]{of: of}
	}
	return nil
}

func (e *elementsOf[T]) value() oarlock.Value {
	if e.tensor == nil {
		return nil
	}
	return e.tensor
}

func (e *elementsOf[T]) adopt(v oarlock.Value) {
	e.tensor = v.(*oarlock.Tensor[T])
	e.room = e.tensor.Data()
}

func (e *elementsOf[T]) reshape(shape oarlock.Shape) error {
	if e.tensor != nil && e.tensor.Shape().Equal(shape) {
		return nil
	}
	count, err := shape.Count()
	if err != nil {
		return failed(oarlock.CodeOf(err), "%s: %v", e.of, err)
	}
	var made *oarlock.Tensor[T]
	if count > len(e.room) {
		if made, err = oarlock.Empty[T](shape); err == nil {
			e.room = made.Data()
		}
	} else {
		made, err = oarlock.NewTensor(shape, e.room[:count])
	}
	if err != nil {
		return err
	}
	e.close()
	e.tensor = made
	return nil
}

func (e *elementsOf[T]) copyFrom(data any) error {
	from, err := e.check(data)
	if err == nil {
		copy(e.tensor.Data(), from)
	}
	return err
}

func (e *elementsOf[T]) copyTo(data any) error {
	to, err := e.check(data)
	if err == nil {
		copy(to, e.tensor.Data())
	}
	return err
}

// check is a slice of the right type that is long enough. A longer one is right too: programs kept one for all batches.
func (e *elementsOf[T]) check(data any) ([]T, error) {
	slice, ok := data.([]T)
	if !ok {
		return nil, failed(oarlock.InvalidArgument, "%s: a %T was given; wanted a %T", e.of, data, slice)
	}
	if wanted := len(e.tensor.Data()); len(slice) < wanted {
		return nil, failed(oarlock.InvalidArgument, "%s: a slice of %d was given; the shape %v has %d elements",
			e.of, len(slice), e.tensor.Shape(), wanted)
	}
	return slice, nil
}

func (e *elementsOf[T]) keep(r *oarlock.Runner, index int) error {
	view, err := oarlock.ViewOf[T](r, index)
	if err != nil {
		return err
	}
	if err := e.reshape(view.Shape()); err != nil {
		return err
	}
	copy(e.tensor.Data(), view.Data())
	return nil
}

func (e *elementsOf[T]) close() {
	if e.tensor != nil {
		e.tensor.Close()
	}
}
