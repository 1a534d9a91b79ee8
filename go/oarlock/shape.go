package oarlock

import (
	"fmt"
	"strings"
)

// MaxRank is the dims of a tensor at most.
const MaxRank = 8

// Shape is the dims of a tensor; in a Port, -1 is any. A scalar has none.
type Shape []int64

// Count is the elements of a tensor of this shape: 1 for a scalar. An error if a dim is negative, if there are too many
// dims, or if no memory is large enough.
func (s Shape) Count() (int, error) {
	if len(s) > MaxRank {
		return 0, failed(InvalidArgument, "a shape of %d dims; there are %d at most", len(s), MaxRank)
	}
	count := int64(1)
	for i, dim := range s {
		if dim < 0 {
			return 0, failed(InvalidArgument, "dim %d of shape %v is %d; it must be 0 or more", i, clone(s), dim)
		}
		if dim > 0 && count > (1<<47)/dim {
			return 0, failed(InvalidArgument, "shape %v has more elements than any memory", clone(s))
		}
		count *= dim
	}
	return int(count), nil
}

// clone lets errors show a shape without the caller's own going to the heap.
func clone(s Shape) Shape { return append(Shape(nil), s...) }

// Equal says that both have the same dims.
func (s Shape) Equal(other Shape) bool {
	if len(s) != len(other) {
		return false
	}
	for i := range s {
		if s[i] != other[i] {
			return false
		}
	}
	return true
}

// String is as in errors: "[1,3,224,224]".
func (s Shape) String() string {
	return "[" + strings.Trim(strings.ReplaceAll(fmt.Sprint([]int64(s)), " ", ","), "[]") + "]"
}

// isStatic says that no dim is open.
func (s Shape) isStatic() bool {
	for _, dim := range s {
		if dim < 0 {
			return false
		}
	}
	return true
}
