package oarlock

import (
	"encoding/binary"
	"math"
	"unsafe"

	"github.com/oarlock/oarlock/go/internal/driver"
)

// Strings is a tensor of BYTES: of texts, or of encoded pictures. What [Tensor] says of goroutines and Close holds here too.
type Strings struct {
	holder   holder
	packed   []byte // each a little-endian uint32 length and that many bytes
	elements [][]byte
	dims     [MaxRank]int64
	rank     int8
}

// NewStrings makes a tensor of a copy of elements. A nil shape is one dim.
func NewStrings[S ~string | ~[]byte](shape Shape, elements []S) (*Strings, error) {
	if shape == nil {
		shape = Shape{int64(len(elements))}
	}
	count, err := shape.Count()
	if err != nil {
		return nil, err
	}
	if count != len(elements) {
		return nil, failed(InvalidArgument, "%d elements for shape %v, which has %d", len(elements), clone(shape), count)
	}
	size := 0
	for i, element := range elements {
		if len(element) > math.MaxUint32 {
			return nil, failed(InvalidArgument, "element %d has %d bytes; 4 GiB - 1 is the most", i, len(element))
		}
		size += 4 + len(element)
	}
	packed := make([]byte, 0, size)
	for _, element := range elements {
		packed = binary.LittleEndian.AppendUint32(packed, uint32(len(element)))
		packed = append(packed, element...)
	}
	return unpack(shape, packed)
}

// unpack makes a tensor of packed elements, which are the tensor's from now on.
func unpack(shape Shape, packed []byte) (*Strings, error) {
	count, err := shape.Count()
	if err != nil {
		return nil, err
	}
	s := &Strings{packed: packed, rank: int8(len(shape)), elements: make([][]byte, 0, min(count, len(packed)/4))}
	for rest := packed; len(s.elements) < count; {
		if len(rest) < 4 || uint64(len(rest)-4) < uint64(binary.LittleEndian.Uint32(rest)) {
			return nil, failed(DataLoss, "element %d of %d is cut off", len(s.elements), count)
		}
		end := 4 + int(binary.LittleEndian.Uint32(rest))
		s.elements = append(s.elements, rest[4:end:end])
		rest = rest[end:]
	}
	copy(s.dims[:], shape)
	s.holder.note()
	return s, nil
}

// DType is Bytes.
func (s *Strings) DType() DType { return Bytes }

// Shape is its dims, not to be changed.
func (s *Strings) Shape() Shape { return s.dims[:s.rank:s.rank] }

// Len is its elements.
func (s *Strings) Len() int { return len(s.elements) }

// At is an element as text. It panics, as a slice does, for one that there is not.
func (s *Strings) At(i int) string { return string(s.elements[i]) }

// Elements are all elements, row by row, not to be changed.
func (s *Strings) Elements() [][]byte { return s.elements }

// Close lets go of it. Closing twice is no error.
func (s *Strings) Close() error {
	s.holder.close()
	return nil
}

func (s *Strings) isNil() bool { return s == nil }

func (s *Strings) lend(d driver.Driver, o *once, position int) (driver.Handle, error) {
	var at unsafe.Pointer
	if len(s.packed) > 0 {
		at = unsafe.Pointer(unsafe.SliceData(s.packed))
	}
	return s.holder.lend(d, o, position, at, len(s.packed), Bytes, s.dims[:s.rank])
}
