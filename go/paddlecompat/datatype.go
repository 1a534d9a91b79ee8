package paddlecompat

import "github.com/oarlock/oarlock/go/oarlock"

// DataType is the type of a tensor's elements.
type DataType int32

// The data types. Unk is any other; [Tensor.DType] names it.
const (
	Unk     DataType = -1
	Float32 DataType = 0
	Int32   DataType = 1
	Int64   DataType = 2
	Uint8   DataType = 3
	Int8    DataType = 4
)

func dataTypeOf(dtype oarlock.DType) DataType {
	switch dtype {
	case oarlock.Float32:
		return Float32
	case oarlock.Int32:
		return Int32
	case oarlock.Int64:
		return Int64
	case oarlock.Uint8:
		return Uint8
	case oarlock.Int8:
		return Int8
	}
	return Unk
}

// PlaceType is where a tensor lies. No call takes or returns one; tensors are in the CPU's memory.
type PlaceType int32

// The places.
const (
	UnkPlace PlaceType = -1
	CpuPlace PlaceType = 0
	GpuPlace PlaceType = 1
	XpuPlace PlaceType = 2
)

// Precision is the arithmetic of TensorRT and of Paddle Lite, which are not used here.
type Precision int32

// The precisions.
const (
	PrecisionFloat32 Precision = 0
	PrecisionInt8    Precision = 1
	PrecisionHalf    Precision = 2
)
