package oarlock_test

import (
	"context"
	"testing"
	"time"

	"github.com/oarlock/oarlock/go/oarlock"
)

// What a call may allocate in Go's memory, by the kinds of call: one that allocates has the collector run now and then, and
// calls wait for that.
func TestWhatACallAllocates(t *testing.T) {
	if raceEnabled || oarlock.IsChecked {
		t.Skip("the race detector, and the build tag oarlock_check, allocate beside the calls that they watch")
	}
	rt := realRuntime(t)
	p := scriptWith(t, rt, addScript, oarlock.LoadOptions{Executions: 2})
	shape := oarlock.Shape{1, 16}
	inputs := []oarlock.Value{tensor(t, shape, numbers(16, 0))}
	outputs := []oarlock.Value{tensor(t, shape, numbers(16, 0))}
	runner := bound(t, p, inputs, outputs)
	unbound := bound(t, p, inputs, []oarlock.Value{nil})
	background := context.Background()
	cancellable, cancel := context.WithCancel(background)
	defer cancel()
	var deadline context.Context = deadlineOnly{background, time.Now().Add(time.Hour)}
	elements := numbers(16, 0)

	for _, c := range []struct {
		what string
		most float64
		call func() error
	}{
		{"Run", 0, func() error { return runner.Run(background) }},
		{"Run under a context that can be cancelled, as the run before", 0, func() error { return runner.Run(cancellable) }},
		{"Run with a deadline alone", 0, func() error { return runner.Run(deadline) }},
		{"Run into the engine's memory", 0, func() error { return unbound.Run(background) }},
		{"Infer", 0, func() error { return p.Infer(background, inputs, outputs) }},
		{"Infer with a deadline alone", 0, func() error { return p.Infer(deadline, inputs, outputs) }},
		{"Infer under a context that can be cancelled", 3, func() error { return p.Infer(cancellable, inputs, outputs) }},
		{"Infer with new tensors", 3, func() error {
			x, err := oarlock.NewTensor(shape, elements)
			if err != nil {
				return err
			}
			y, err := oarlock.Empty[float32](shape)
			if err != nil {
				return err
			}
			defer x.Close()
			defer y.Close()
			return p.Infer(background, []oarlock.Value{x}, []oarlock.Value{y})
		}},
	} {
		var err error
		count := testing.AllocsPerRun(1000, func() {
			if failure := c.call(); failure != nil {
				err = failure
			}
		})
		check(t, err)
		if count > c.most {
			t.Errorf("%s: %v allocations, %v at most", c.what, count, c.most)
		}
	}
}

// Reading where an output lies, and how it is shaped, costs nothing either.
func TestLookingAllocatesNothing(t *testing.T) {
	x := tensor(t, oarlock.Shape{2, 8}, numbers(16, 0))
	var value oarlock.Value = x
	sum := 0
	count := testing.AllocsPerRun(1000, func() {
		sum += len(x.Data()) + len(value.Shape()) + value.DType().Size()
		if data, err := oarlock.DataOf[float32](value); err == nil {
			sum += len(data)
		}
	})
	if count != 0 || sum == 0 {
		t.Errorf("%v allocations, want 0", count)
	}
}
