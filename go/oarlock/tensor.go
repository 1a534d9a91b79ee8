package oarlock

import (
	"unsafe"

	"github.com/oarlock/oarlock/go/internal/driver"
)

// Value is a tensor of any element type: a *Tensor[T] or a *Strings.
type Value interface {
	// DType is the type of its elements.
	DType() DType
	// Shape is its dims, not to be changed.
	Shape() Shape
	// Close lets go of it. Its elements stay where they are, in Go's memory. Closing twice is no error.
	Close() error

	// lend is the driver's handle; or 0, if o has it for one call, as what is at that position. o may be nil.
	lend(d driver.Driver, o *once, position int) (driver.Handle, error)
	isNil() bool
}

// Tensor is elements of one type, row by row without gaps, in Go's memory. Engines read and write them there.
//
// Any goroutine may use it, also for several runs at once; who writes the elements, and when, is the callers' affair.
// Close it when it is no longer needed: until then its memory is pinned, if it was bound, or used for a second time. One
// that is forgotten is closed when Go collects it, and counted by [Leaks].
type Tensor[T Element] struct {
	holder holder
	data   []T
	dims   [MaxRank]int64
	rank   int8
}

// NewTensor makes a tensor over data, which is not copied: len(data) must be the elements of the shape.
func NewTensor[T Element](shape Shape, data []T) (*Tensor[T], error) {
	count, err := shape.Count()
	if err != nil {
		return nil, err
	}
	if count != len(data) {
		return nil, failed(InvalidArgument, "%d elements for shape %v, which has %d", len(data), clone(shape), count)
	}
	return over(shape, data), nil
}

// Empty makes a tensor of zeros, placed as engines like it.
func Empty[T Element](shape Shape) (*Tensor[T], error) {
	count, err := shape.Count()
	if err != nil {
		return nil, err
	}
	var zero T
	return over(shape, aligned[T](count, int(unsafe.Sizeof(zero)))), nil
}

// FromSlice makes a tensor of one dim over data, which is not copied.
func FromSlice[T Element](data []T) *Tensor[T] {
	return over(Shape{int64(len(data))}, data)
}

func over[T Element](shape Shape, data []T) *Tensor[T] {
	t := &Tensor[T]{data: data, rank: int8(len(shape))}
	copy(t.dims[:], shape)
	t.holder.note()
	return t
}

// alignmentBytes is what every engine takes without a copy.
const alignmentBytes = 64

// aligned makes room for count elements. Go places large ones at pages, and small ones at multiples of their size class.
func aligned[T Element](count, size int) []T {
	bytes := count * size
	if bytes == 0 || bytes >= 32<<10 {
		return make([]T, count)
	}
	room := make([]T, count+alignmentBytes/size)
	skip := -uintptr(unsafe.Pointer(unsafe.SliceData(room))) % alignmentBytes / uintptr(size)
	return room[skip:][:count:count]
}

// DType is the type of its elements.
func (t *Tensor[T]) DType() DType { return dtypeOf[T]() }

// Shape is its dims, not to be changed.
func (t *Tensor[T]) Shape() Shape { return t.dims[:t.rank:t.rank] }

// Data is its elements, row by row: the slice that it was made of.
func (t *Tensor[T]) Data() []T { return t.data }

// Clone is a copy of its own.
func (t *Tensor[T]) Clone() *Tensor[T] {
	var zero T
	data := aligned[T](len(t.data), int(unsafe.Sizeof(zero)))
	copy(data, t.data)
	return over(t.Shape(), data)
}

// Reshape is another tensor over the same elements.
func (t *Tensor[T]) Reshape(shape Shape) (*Tensor[T], error) { return NewTensor(shape, t.data) }

// Close lets go of it; what runs on it goes on to its end. Closing twice is no error.
func (t *Tensor[T]) Close() error {
	t.holder.close()
	return nil
}

func (t *Tensor[T]) isNil() bool { return t == nil }

func (t *Tensor[T]) lend(d driver.Driver, o *once, position int) (driver.Handle, error) {
	var at unsafe.Pointer
	var zero T
	if len(t.data) > 0 {
		at = unsafe.Pointer(unsafe.SliceData(t.data))
	}
	return t.holder.lend(d, o, position, at, len(t.data)*int(unsafe.Sizeof(zero)), dtypeOf[T](), t.dims[:t.rank])
}

// DataOf is the elements of a value that holds Ts; an error for any other.
func DataOf[T Element](v Value) ([]T, error) {
	if t, ok := v.(*Tensor[T]); ok && t != nil {
		return t.data, nil
	}
	if isNil(v) {
		return nil, failed(InvalidArgument, "no tensor; wanted one of %v", dtypeOf[T]())
	}
	return nil, failed(InvalidArgument, "the tensor is of %v; wanted %v", v.DType(), dtypeOf[T]())
}

// newValue makes a tensor of zeros of a type that is known only now.
func newValue(dtype DType, shape Shape) (Value, error) {
	switch dtype {
	case Bool:
		return valueOf(Empty[bool](shape))
	case Uint8:
		return valueOf(Empty[uint8](shape))
	case Uint16:
		return valueOf(Empty[uint16](shape))
	case Uint32:
		return valueOf(Empty[uint32](shape))
	case Uint64:
		return valueOf(Empty[uint64](shape))
	case Int8:
		return valueOf(Empty[int8](shape))
	case Int16:
		return valueOf(Empty[int16](shape))
	case Int32:
		return valueOf(Empty[int32](shape))
	case Int64:
		return valueOf(Empty[int64](shape))
	case F16:
		return valueOf(Empty[Float16](shape))
	case BF16:
		return valueOf(Empty[BFloat16](shape))
	case Float32:
		return valueOf(Empty[float32](shape))
	case Float64:
		return valueOf(Empty[float64](shape))
	}
	return nil, failed(Internal, "a tensor of %v", dtype)
}

// valueOf keeps a nil pointer from becoming a Value that is not nil.
func valueOf[T Element](t *Tensor[T], err error) (Value, error) {
	if err != nil {
		return nil, err
	}
	return t, nil
}
