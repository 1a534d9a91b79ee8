package oarlock

import (
	"math"
	"strconv"
)

// DType is the type of a tensor's elements.
type DType int32

// The element types. Bytes is of strings and of encoded pictures: elements of any length.
const (
	Bool     DType = 1
	Uint8    DType = 2
	Uint16   DType = 3
	Uint32   DType = 4
	Uint64   DType = 5
	Int8     DType = 6
	Int16    DType = 7
	Int32    DType = 8
	Int64    DType = 9
	F16      DType = 10
	BF16     DType = 11
	Float32  DType = 12
	Float64  DType = 13
	Bytes    DType = 14
	lastType       = Bytes
)

var dtypes = [...]struct {
	name string
	size int
}{
	{"INVALID", 0}, {"BOOL", 1}, {"UINT8", 1}, {"UINT16", 2}, {"UINT32", 4}, {"UINT64", 8}, {"INT8", 1}, {"INT16", 2},
	{"INT32", 4}, {"INT64", 8}, {"FP16", 2}, {"BF16", 2}, {"FP32", 4}, {"FP64", 8}, {"BYTES", 0},
}

// String is as the KServe protocol calls it: "FP32".
func (d DType) String() string {
	if d < 0 || d > lastType {
		return "DType(" + strconv.Itoa(int(d)) + ")"
	}
	return dtypes[d].name
}

// Size is the bytes of one element; 0 for Bytes.
func (d DType) Size() int {
	if d < 0 || d > lastType {
		return 0
	}
	return dtypes[d].size
}

// Element is what a Tensor can be made of.
type Element interface {
	bool | uint8 | uint16 | uint32 | uint64 | int8 | int16 | int32 | int64 | Float16 | BFloat16 | float32 | float64
}

// Float16 is IEEE 754 half precision, as its bits.
type Float16 uint16

// BFloat16 is the upper half of a float32, as its bits.
type BFloat16 uint16

// Float32 is the same number.
func (f BFloat16) Float32() float32 { return math.Float32frombits(uint32(f) << 16) }

// ToBFloat16 rounds to the nearest, ties to even. A NaN stays one.
func ToBFloat16(f float32) BFloat16 {
	bits := math.Float32bits(f)
	if f != f {
		return BFloat16(bits>>16 | 0x40)
	}
	return BFloat16((bits + 0x7fff + bits>>16&1) >> 16)
}

// Float32 is the same number.
func (f Float16) Float32() float32 {
	sign := uint32(f) >> 15 << 31
	exponent := uint32(f) >> 10 & 0x1f
	fraction := uint32(f) & 0x3ff
	switch exponent {
	case 0: // a subnormal: fraction * 2^-24
		value := float32(fraction) * (1.0 / (1 << 24))
		return math.Float32frombits(math.Float32bits(value) | sign)
	case 0x1f:
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
}

// ToFloat16 rounds to the nearest, ties to even. What is too large becomes an infinity.
func ToFloat16(f float32) Float16 {
	bits := math.Float32bits(f)
	sign := uint16(bits >> 16 & 0x8000)
	bits &= 0x7fffffff
	switch {
	case bits > 0xff<<23:
		return Float16(sign | 0x7e00)
	case bits >= 0x477ff000: // 65520, which is nearer to 2^16 than to 65504
		return Float16(sign | 0x7c00)
	case bits < 0x38800000: // below 2^-14: in units of 2^-24, rounded by the addition of floats
		units := math.Float32bits(math.Float32frombits(bits)+0.5) - math.Float32bits(0.5)
		return Float16(sign | uint16(units))
	}
	bits += 0xfff + bits>>13&1
	return Float16(sign | uint16((bits-112<<23)>>13))
}

// dtypeOf is the DType of T.
func dtypeOf[T Element]() DType {
	var zero T
	switch any(zero).(type) {
	case bool:
		return Bool
	case uint8:
		return Uint8
	case uint16:
		return Uint16
	case uint32:
		return Uint32
	case uint64:
		return Uint64
	case int8:
		return Int8
	case int16:
		return Int16
	case int32:
		return Int32
	case int64:
		return Int64
	case Float16:
		return F16
	case BFloat16:
		return BF16
	case float32:
		return Float32
	}
	return Float64
}
