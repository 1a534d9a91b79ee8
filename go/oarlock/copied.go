package oarlock

import (
	"unsafe"

	"github.com/oarlock/oarlock/go/internal/driver"
)

// copied is a tensor of its own with what lies in a driver's memory.
func copied(m driver.Memory) (Value, error) {
	bytes := unsafe.Slice((*byte)(m.Data), m.SizeBytes)
	if DType(m.DType) == Bytes {
		s, err := unpack(m.Dims, append([]byte(nil), bytes...))
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	value, err := newValue(DType(m.DType), m.Dims)
	if err != nil {
		return nil, err
	}
	copy(value.(interface{ bytes() []byte }).bytes(), bytes)
	return value, nil
}

// bytes is the memory of its elements.
func (t *Tensor[T]) bytes() []byte {
	var zero T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(t.data))), len(t.data)*int(unsafe.Sizeof(zero)))
}
