package oarlock_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/oarlock/oarlock/go/oarlock"
)

func TestClosingTwiceIsNoError(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, addScript)
		x := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		runner := bound(t, p, []oarlock.Value{x}, nil)
		check(t, runner.Run(context.Background()))
		y := runner.Output(0)
		for range 2 {
			check(t, runner.Close())
			check(t, x.Close())
			check(t, y.Close())
			check(t, p.Close())
			check(t, rt.Close())
		}
		for _, err := range []error{
			runner.Run(context.Background()), runner.BindInput(0, x),
			p.Infer(context.Background(), []oarlock.Value{x}, []oarlock.Value{y}),
			errOf(p.NewRunner([]oarlock.Value{x}, nil)), errOf(p.Statistics()), errOf(p.CheckInput(0, x)),
			errOf(rt.Load("model.onnx", oarlock.LoadOptions{})), errOf(rt.Engines()), errOf(rt.Hardware()),
			errOf(rt.Decode(nil, oarlock.RGB)), errOf(runner.CopyReport()), errOf(oarlock.ViewOf[float32](runner, 0)),
			(<-p.Go(context.Background(), x)).Err,
		} {
			if !errors.Is(err, oarlock.ErrClosed) {
				t.Errorf("%v is not ErrClosed", err)
			}
		}
		if x.Data()[15] != 15 {
			t.Error("the elements are gone")
		}
	})
}

func errOf[T any](_ T, err error) error { return err }

// What runs while things are closed goes on to its end; who waits is told.
func TestClosingDuringARun(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, slowScript)
		ctx, cancel := context.WithCancel(context.Background())
		runs := hold(ctx, t, p)
		waitFor(t, func() bool { return oarlock.FreeExecutions(p) == 0 })
		waits := hold(context.Background(), t, p)
		check(t, p.Close())
		check(t, rt.Close())
		if err := <-waits; !errors.Is(err, oarlock.ErrClosed) {
			t.Errorf("who waited got %v", err)
		}
		select {
		case err := <-runs:
			t.Errorf("what ran ended with %v", err)
		default:
		}
		cancel()
		fails(t, <-runs, oarlock.Cancelled, "")
	})
}

func TestARunnerOutlivesItsPredictorsHandle(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, addScript)
		x := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		y := tensor(t, oarlock.Shape{1, 16}, make([]float32, 16))
		runner := bound(t, p, []oarlock.Value{x}, []oarlock.Value{y})
		check(t, p.Close())
		check(t, rt.Close())
		for range 3 {
			check(t, runner.Run(context.Background()))
		}
		equal(t, y.Data(), numbers(16, 1))
	})
}

// Tensors, predictors and runners closed from one goroutine while others use them: each call ends with an answer, or with
// a clear error.
func TestClosingWhileOthersUseIt(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		for range 100 {
			p := scriptWith(t, rt, addScript, oarlock.LoadOptions{Executions: 2})
			x := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
			runner := bound(t, p, []oarlock.Value{x}, nil)
			var wg sync.WaitGroup
			for i := range 4 {
				spawn(&wg, func() {
					for range 10 {
						var err error
						if i == 0 {
							err = runner.Run(context.Background())
						} else {
							outputs := []oarlock.Value{nil}
							if err = p.Infer(context.Background(), []oarlock.Value{x}, outputs); err == nil {
								if got, _ := oarlock.DataOf[float32](outputs[0]); got[15] != 16 {
									t.Errorf("got %v", got)
								}
								outputs[0].Close()
							}
						}
						if err != nil && !errors.Is(err, oarlock.ErrClosed) {
							t.Error(err)
						}
					}
				})
			}
			x.Close()
			p.Close()
			runner.Close()
			wg.Wait()
		}
	})
}

// closingContext closes a tensor when the call has taken its tensors, and asks for the deadline.
type closingContext struct {
	context.Context
	tensor oarlock.Value
}

func (c closingContext) Deadline() (time.Time, bool) {
	c.tensor.Close()
	return time.Time{}, false
}

func TestATensorClosedBeforeTheRunBegins(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		batching := &oarlock.Batching{MaxBatchSize: 8}
		for _, options := range []oarlock.LoadOptions{{Executions: 1}, {Executions: 1, Batching: batching}} {
			p := scriptWith(t, rt, addRowsScript, options)
			for _, which := range []int{0, 1} {
				x := tensor(t, oarlock.Shape{2, 4}, numbers(8, 0))
				y := tensor(t, oarlock.Shape{2, 4}, numbers(8, 0))
				// From its second use on a tensor is the driver's by name.
				check(t, p.Infer(context.Background(), []oarlock.Value{x}, []oarlock.Value{y}))
				ctx := closingContext{context.Background(), []oarlock.Value{x, y}[which]}
				err := p.Infer(ctx, []oarlock.Value{x}, []oarlock.Value{y})
				if !errors.Is(err, oarlock.ErrClosed) {
					t.Errorf("tensor %d, batching %v: %v is not ErrClosed", which, options.Batching != nil, err)
				}
				fails(t, err, oarlock.FailedPrecondition, "the tensor was closed")
			}
		}
	})
}
