package oarlock_test

import (
	"fmt"
	"log"

	"github.com/oarlock/oarlock/go/oarlock"
)

// A tensor is made of what the model says that it takes.
func ExampleDType() {
	p := digitClassifier()
	defer p.Close()
	switch port := p.Model().Inputs[0]; port.DType {
	case oarlock.Float32:
		x := oarlock.FromSlice(make([]float32, 784))
		defer x.Close()
		fmt.Println("gray levels from 0 to 1, as", x.DType())
	case oarlock.Uint8:
		x := oarlock.FromSlice(make([]uint8, 784))
		defer x.Close()
		fmt.Println("gray levels from 0 to 255, as", x.DType())
	default:
		log.Fatalf("input %q is of %v", port.Name, port.DType)
	}
	// Output: gray levels from 0 to 1, as FP32
}

// The memory that a batch takes.
func ExampleDType_Size() {
	count, err := oarlock.Shape{32, 3, 224, 224}.Count()
	if err != nil {
		log.Fatal(err)
	}
	for _, dtype := range []oarlock.DType{oarlock.Float32, oarlock.F16} {
		fmt.Printf("%v: %.1f MB\n", dtype, float64(count*dtype.Size())/1e6)
	}
	// Output:
	// FP32: 19.3 MB
	// FP16: 9.6 MB
}

// The names are those of the KServe protocol: they can be written into its answers as they are.
func ExampleDType_String() {
	fmt.Printf(`{"name":"scores","datatype":"%v","shape":[1,10]}`, oarlock.Float32)
	// Output: {"name":"scores","datatype":"FP32","shape":[1,10]}
}

// A model of half precision takes half the memory. Go has no such numbers: they are made of float32s.
func ExampleFloat16() {
	pixels := []float32{0, 0.25, 1}
	halves := make([]oarlock.Float16, len(pixels))
	for i, pixel := range pixels {
		halves[i] = oarlock.ToFloat16(pixel)
	}
	x := oarlock.FromSlice(halves)
	defer x.Close()
	fmt.Println(x.DType(), x.DType().Size(), "bytes each")
	// Output: FP16 2 bytes each
}

// Half precision has 11 bits and ends at 65504: some numbers are rounded, and large ones lost.
func ExampleToFloat16() {
	for _, number := range []float32{1.5, 2049, 70000} {
		fmt.Println(number, "becomes", oarlock.ToFloat16(number).Float32())
	}
	// Output:
	// 1.5 becomes 1.5
	// 2049 becomes 2048
	// 70000 becomes +Inf
}

// Scores in half precision become numbers that Go can compare.
func ExampleFloat16_Float32() {
	scores := []oarlock.Float16{0x3800, 0x3c00, 0x3400}
	for _, score := range scores {
		fmt.Print(score.Float32(), " ")
	}
	// Output: 0.5 1 0.25
}

// A model trained in bfloat16 takes what it was trained with.
func ExampleBFloat16() {
	x := oarlock.FromSlice([]oarlock.BFloat16{oarlock.ToBFloat16(1), oarlock.ToBFloat16(-2)})
	defer x.Close()
	fmt.Printf("%v: %#04x\n", x.DType(), x.Data())
	// Output: BF16: [0x3f80 0xc000]
}

// bfloat16 reaches as far as float32, and has 8 bits: what float16 loses it keeps, less exactly.
func ExampleToBFloat16() {
	for _, number := range []float32{1.5, 257, 70000} {
		fmt.Println(number, "becomes", oarlock.ToBFloat16(number).Float32())
	}
	// Output:
	// 1.5 becomes 1.5
	// 257 becomes 256
	// 70000 becomes 70144
}

// Weights in bfloat16 become numbers that Go can compute with. Every one of them is a float32, too: nothing is rounded.
func ExampleBFloat16_Float32() {
	weights := []oarlock.BFloat16{0x3f80, 0xbf00}
	var sum float32
	for _, weight := range weights {
		sum += weight.Float32()
	}
	fmt.Println(sum)
	// Output: 0.5
}
