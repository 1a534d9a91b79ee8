package oarlock_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/oarlock/oarlock/go/oarlock"
)

// The first call that a tensor is given to leaves nothing that would have to be let go of.
func TestATensorThatIsUsedOnceIsNobodysAfterwards(t *testing.T) {
	if oarlock.IsChecked {
		t.Skip("with the build tag oarlock_check it is remembered who made each tensor")
	}
	rt := realRuntime(t)
	p := script(t, rt, addScript)
	collect(t, func() bool { return true })
	before, _ := leaksOf("tensor")
	for i := range 5 {
		x, err := oarlock.NewTensor(oarlock.Shape{1, 16}, numbers(16, float32(i)))
		check(t, err)
		outputs, err := p.Predict(context.Background(), x)
		check(t, err)
		got, err := oarlock.DataOf[float32](outputs[0])
		check(t, err)
		equal(t, got, numbers(16, float32(i+1)))
		if open, _ := leaksOf("tensor"); open > before { // fewer, where others' are collected meanwhile
			t.Fatalf("%d tensors are open, want no more than %d", open, before)
		}
	}
}

// Once or more often, alone or in company: the same answers, whoever owns the memory.
func TestTensorsAreUsedOnceTwiceAndTogether(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, "input a FP32 1,2\ninput b FP32 1,2\noutput c FP32 1,2\noutput d FP32 1,2\nop add 1\n")
		ctx := context.Background()
		again := tensor(t, oarlock.Shape{1, 2}, []float32{1, 2})
		for i := range 4 {
			fresh := tensor(t, oarlock.Shape{1, 2}, []float32{float32(10 * i), float32(20 * i)})
			for _, inputs := range [][]oarlock.Value{{fresh, again}, {again, fresh}, {fresh, fresh}} {
				c := tensor(t, oarlock.Shape{1, 2}, make([]float32, 2))
				outputs := []oarlock.Value{c, nil}
				check(t, p.Infer(ctx, inputs, outputs))
				runtime.GC()
				a, _ := oarlock.DataOf[float32](inputs[0])
				b, _ := oarlock.DataOf[float32](inputs[1])
				d, err := oarlock.DataOf[float32](outputs[1])
				check(t, err)
				equal(t, c.Data(), []float32{a[0] + 1, a[1] + 1})
				equal(t, d, []float32{b[0] + 1, b[1] + 1})
				outputs[1].Close()
			}
		}
		// One more tensor than a call can be lent for its length alone, and then one of the wrong shape among them.
		wrong := tensor(t, oarlock.Shape{1, 3}, make([]float32, 3))
		for _, b := range []oarlock.Value{tensor(t, oarlock.Shape{1, 2}, make([]float32, 2)), wrong} {
			a := tensor(t, oarlock.Shape{1, 2}, []float32{5, 6})
			c := tensor(t, oarlock.Shape{1, 2}, make([]float32, 2))
			d := tensor(t, oarlock.Shape{1, 2}, make([]float32, 2))
			err := p.Infer(ctx, []oarlock.Value{a, b}, []oarlock.Value{c, d})
			if b == oarlock.Value(wrong) {
				fails(t, err, oarlock.InvalidArgument, "'b'")
				check(t, p.Infer(ctx, []oarlock.Value{a, a}, []oarlock.Value{c, d})) // all of it can be used again
			} else {
				check(t, err)
			}
			equal(t, c.Data(), []float32{6, 7})
		}
	})
}

// A tensor whose first call did not run is as good as new.
func TestATensorWhoseFirstCallFailed(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, addScript)
		x := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		y := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		cancelled, cancel := context.WithCancel(context.Background())
		cancel()
		fails(t, p.Infer(cancelled, []oarlock.Value{x}, []oarlock.Value{y}), oarlock.Cancelled, "")
		fails(t, p.Infer(context.Background(), []oarlock.Value{x}, []oarlock.Value{tensor(t, oarlock.Shape{3}, make([]float32, 3))}),
			oarlock.InvalidArgument, "")
		for range 3 {
			check(t, p.Infer(context.Background(), []oarlock.Value{x}, []oarlock.Value{y}))
			equal(t, y.Data(), numbers(16, 1))
		}
		check(t, x.Close())
		fails(t, p.Infer(context.Background(), []oarlock.Value{x}, []oarlock.Value{y}), oarlock.FailedPrecondition, "closed")
		unused := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		check(t, unused.Close())
		fails(t, p.Infer(context.Background(), []oarlock.Value{unused}, []oarlock.Value{y}), oarlock.FailedPrecondition, "closed")
	})
}
