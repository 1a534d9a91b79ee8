package oarlocktest

import (
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/oarlock/oarlock/go/internal/driver"
	"github.com/oarlock/oarlock/go/oarlock"
)

// tensor is memory of a caller's, or one of the driver's own.
type tensor struct {
	dtype    int32
	dims     []int64
	bytes    []byte
	released *uint32
	mu       sync.Mutex
	uses     int // handle, bindings and runs
}

// drop ends one use; with the last the memory goes back to its owner.
func (t *tensor) drop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.uses--; t.uses == 0 && t.released != nil {
		atomic.StoreUint32(t.released, 1)
	}
}

func (t *tensor) use() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.uses++
}

func (s *scripted) Wrap(data unsafe.Pointer, size int, dtype int32, dims []int64, released *uint32) (driver.Handle, driver.Status) {
	t := &tensor{dtype: dtype, dims: append([]int64{}, dims...), released: released, uses: 1}
	if size > 0 {
		t.bytes = unsafe.Slice((*byte)(data), size)
	}
	return s.add(t), driver.Status{}
}

func (s *scripted) Release(handle driver.Handle) driver.Status {
	t, status := end[*tensor](s, handle)
	if status.OK() {
		t.drop()
	}
	return status
}

func (s *scripted) Look(handle driver.Handle) (driver.Memory, driver.Status) {
	t, ok := get[*tensor](s, handle)
	if !ok {
		return driver.Memory{}, fails(oarlock.FailedPrecondition, "the tensor was released")
	}
	return t.memory(), driver.Status{}
}

func (t *tensor) memory() driver.Memory {
	return driver.Memory{DType: t.dtype, Dims: t.dims, Data: unsafe.Pointer(unsafe.SliceData(t.bytes)), SizeBytes: len(t.bytes)}
}

// fits says whether a tensor can be an input or an output.
func fits(output bool, port *oarlock.Port, t *tensor) driver.Status {
	kind := "input"
	if output {
		kind = "output"
	}
	if t.dtype != int32(port.DType) {
		return fails(oarlock.InvalidArgument, fmt.Sprintf("%s '%s' is %v; the tensor is %v", kind, port.Name, port.DType, oarlock.DType(t.dtype)))
	}
	if port.Shape != nil && !admits(port.Shape, t.dims) {
		return fails(oarlock.InvalidArgument, fmt.Sprintf("%s '%s' has shape %v (-1 is any); the tensor has %v", kind, port.Name, port.Shape, oarlock.Shape(t.dims)))
	}
	if output && port.DType == oarlock.Bytes {
		return fails(oarlock.InvalidArgument, fmt.Sprintf("output '%s' is BYTES, whose size is known only after the run: bind nothing, and read it where it lies", port.Name))
	}
	return driver.Status{}
}

func admits(shape oarlock.Shape, dims []int64) bool {
	if len(shape) != len(dims) {
		return false
	}
	for i, dim := range shape {
		if dim >= 0 && dim != dims[i] {
			return false
		}
	}
	return true
}

// value is the tensor as the model's function sees it.
func (t *tensor) value() (oarlock.Value, error) {
	switch dtype := oarlock.DType(t.dtype); dtype {
	case oarlock.Bool:
		return over[bool](t)
	case oarlock.Uint8:
		return over[uint8](t)
	case oarlock.Uint16:
		return over[uint16](t)
	case oarlock.Uint32:
		return over[uint32](t)
	case oarlock.Uint64:
		return over[uint64](t)
	case oarlock.Int8:
		return over[int8](t)
	case oarlock.Int16:
		return over[int16](t)
	case oarlock.Int32:
		return over[int32](t)
	case oarlock.Int64:
		return over[int64](t)
	case oarlock.F16:
		return over[oarlock.Float16](t)
	case oarlock.BF16:
		return over[oarlock.BFloat16](t)
	case oarlock.Float32:
		return over[float32](t)
	case oarlock.Float64:
		return over[float64](t)
	}
	var elements []string
	for rest := t.bytes; len(rest) >= 4; {
		size := binary.LittleEndian.Uint32(rest)
		elements = append(elements, string(rest[4:4+size]))
		rest = rest[4+size:]
	}
	return oarlock.NewStrings(t.dims, elements)
}

func over[T oarlock.Element](t *tensor) (oarlock.Value, error) {
	var zero T
	data := unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(t.bytes))), len(t.bytes)/int(unsafe.Sizeof(zero)))
	return oarlock.NewTensor(t.dims, data)
}

// tensorOf is what a model's function gave, copied.
func tensorOf(v oarlock.Value) (*tensor, error) {
	t := &tensor{dtype: int32(v.DType()), dims: append([]int64{}, v.Shape()...), uses: 1}
	switch v := v.(type) {
	case *oarlock.Strings:
		for _, element := range v.Elements() {
			t.bytes = binary.LittleEndian.AppendUint32(t.bytes, uint32(len(element)))
			t.bytes = append(t.bytes, element...)
		}
	case *oarlock.Tensor[bool]:
		t.bytes = bytesOf(v.Data())
	case *oarlock.Tensor[uint8]:
		t.bytes = bytesOf(v.Data())
	case *oarlock.Tensor[uint16]:
		t.bytes = bytesOf(v.Data())
	case *oarlock.Tensor[uint32]:
		t.bytes = bytesOf(v.Data())
	case *oarlock.Tensor[uint64]:
		t.bytes = bytesOf(v.Data())
	case *oarlock.Tensor[int8]:
		t.bytes = bytesOf(v.Data())
	case *oarlock.Tensor[int16]:
		t.bytes = bytesOf(v.Data())
	case *oarlock.Tensor[int32]:
		t.bytes = bytesOf(v.Data())
	case *oarlock.Tensor[int64]:
		t.bytes = bytesOf(v.Data())
	case *oarlock.Tensor[oarlock.Float16]:
		t.bytes = bytesOf(v.Data())
	case *oarlock.Tensor[oarlock.BFloat16]:
		t.bytes = bytesOf(v.Data())
	case *oarlock.Tensor[float32]:
		t.bytes = bytesOf(v.Data())
	case *oarlock.Tensor[float64]:
		t.bytes = bytesOf(v.Data())
	default:
		return nil, fmt.Errorf("the model's Run gave a %T for an output", v)
	}
	return t, nil
}

func bytesOf[T any](data []T) []byte {
	var zero T
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(data))), len(data)*int(unsafe.Sizeof(zero)))
	return append([]byte{}, bytes...)
}
