package oarlock_test

import (
	"context"
	"testing"
	"unsafe"

	"github.com/oarlock/oarlock/go/oarlock"
)

func TestTensorsAreTheSlicesTheyAreMadeOf(t *testing.T) {
	data := numbers(6, 0)
	x := tensor(t, oarlock.Shape{2, 3}, data)
	if &x.Data()[0] != &data[0] || len(x.Data()) != 6 {
		t.Error("the elements were copied")
	}
	if !x.Shape().Equal(oarlock.Shape{2, 3}) || x.DType() != oarlock.Float32 {
		t.Errorf("%v of %v", x.Shape(), x.DType())
	}
	clone := x.Clone()
	clone.Data()[0] = 9
	if x.Data()[0] != 0 || !clone.Shape().Equal(x.Shape()) {
		t.Error("the clone is no copy")
	}
	flat, err := x.Reshape(oarlock.Shape{6})
	check(t, err)
	if &flat.Data()[0] != &data[0] || len(flat.Shape()) != 1 {
		t.Error("Reshape made something else")
	}
	_, err = x.Reshape(oarlock.Shape{7})
	fails(t, err, oarlock.InvalidArgument, "6 elements for shape [7], which has 7")
}

func TestShapesThatCannotBe(t *testing.T) {
	for _, of := range []struct {
		shape oarlock.Shape
		words string
	}{
		{oarlock.Shape{1, -1}, "dim 1 of shape [1,-1] is -1"},
		{oarlock.Shape{1, 1, 1, 1, 1, 1, 1, 1, 1}, "9 dims"},
		{oarlock.Shape{1 << 40, 1 << 40}, "more elements than any memory"},
		{oarlock.Shape{1 << 62, 4}, "more elements than any memory"},
		{oarlock.Shape{3}, "2 elements"},
	} {
		_, err := oarlock.NewTensor(of.shape, make([]int8, 2))
		fails(t, err, oarlock.InvalidArgument, of.words)
	}
	_, err := oarlock.Empty[float32](oarlock.Shape{-2})
	fails(t, err, oarlock.InvalidArgument, "dim 0")
	scalar := tensor(t, nil, []float64{3})
	if len(scalar.Shape()) != 0 || scalar.Data()[0] != 3 {
		t.Errorf("a scalar of shape %v", scalar.Shape())
	}
}

func TestEmptyIsPlacedForEngines(t *testing.T) {
	for _, count := range []int64{1, 3, 16, 17, 100, 1000, 5000, 9000, 200_000} {
		x, err := oarlock.Empty[float32](oarlock.Shape{count})
		check(t, err)
		if at := uintptr(unsafe.Pointer(&x.Data()[0])); at%64 != 0 || int64(len(x.Data())) != count {
			t.Errorf("%d elements at %#x", len(x.Data()), at)
		}
		b, err := oarlock.Empty[uint8](oarlock.Shape{count})
		check(t, err)
		if at := uintptr(unsafe.Pointer(&b.Data()[0])); at%64 != 0 || int64(len(b.Data())) != count {
			t.Errorf("%d bytes at %#x", len(b.Data()), at)
		}
	}
}

// Each type goes through an engine and back, and DataOf tells it from the others.
func TestEveryTypeGoesThroughAModel(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		goesThrough(t, rt, []bool{true, false, true})
		goesThrough(t, rt, []uint8{0, 1, 255})
		goesThrough(t, rt, []uint16{0, 1, 65535})
		goesThrough(t, rt, []uint32{0, 1, 1 << 31})
		goesThrough(t, rt, []uint64{0, 1, 1 << 63})
		goesThrough(t, rt, []int8{0, -1, 127})
		goesThrough(t, rt, []int16{0, -1, 32767})
		goesThrough(t, rt, []int32{0, -1, 1 << 30})
		goesThrough(t, rt, []int64{0, -1, 1 << 62})
		goesThrough(t, rt, []oarlock.Float16{0, 0x3c00, 0xfc00})
		goesThrough(t, rt, []oarlock.BFloat16{0, 0x3f80, 0xff80})
		goesThrough(t, rt, []float32{0, -1, 3.5})
		goesThrough(t, rt, []float64{0, -1, 3.5})
	})
}

func goesThrough[T oarlock.Element](t *testing.T, rt *oarlock.Runtime, data []T) {
	t.Helper()
	x := tensor(t, oarlock.Shape{3}, data)
	name := x.DType().String()
	p := script(t, rt, "input x "+name+" 3\noutput y "+name+" 3\nop identity\n")
	outputs, err := p.Predict(context.Background(), x)
	check(t, err)
	defer outputs[0].Close()
	got, err := oarlock.DataOf[T](outputs[0])
	check(t, err)
	equal(t, got, data)
	if _, isFloat := any(x).(*oarlock.Tensor[float32]); !isFloat {
		_, err = oarlock.DataOf[float32](outputs[0])
		fails(t, err, oarlock.InvalidArgument, "the tensor is of "+name+"; wanted FP32")
	}
}

func TestStringsGoThroughAModel(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, "input x BYTES -1\noutput y BYTES -1\nop identity\n")
		x, err := oarlock.NewStrings(nil, []string{"", "one", "zwei\x00drei"})
		check(t, err)
		defer x.Close()
		outputs, err := p.Predict(context.Background(), x)
		check(t, err)
		defer outputs[0].Close()
		y := outputs[0].(*oarlock.Strings)
		if y.Len() != 3 || y.At(0) != "" || y.At(1) != "one" || y.At(2) != "zwei\x00drei" {
			t.Errorf("got %q", y.Elements())
		}
		empty, err := oarlock.NewStrings(nil, [][]byte{})
		check(t, err)
		outputs, err = p.Predict(context.Background(), empty)
		check(t, err)
		if got := outputs[0].(*oarlock.Strings); got.Len() != 0 {
			t.Errorf("got %q", got.Elements())
		}
		empty.Close()
		outputs[0].Close()
	})
	_, err := oarlock.NewStrings(oarlock.Shape{2}, []string{"a"})
	fails(t, err, oarlock.InvalidArgument, "1 elements for shape [2]")
}

func TestDataOfNothing(t *testing.T) {
	_, err := oarlock.DataOf[float32](nil)
	fails(t, err, oarlock.InvalidArgument, "no tensor")
	_, err = oarlock.DataOf[float32]((*oarlock.Tensor[float32])(nil))
	fails(t, err, oarlock.InvalidArgument, "no tensor")
	_, err = oarlock.DataOf[float32]((*oarlock.Tensor[int32])(nil))
	fails(t, err, oarlock.InvalidArgument, "no tensor")
}
