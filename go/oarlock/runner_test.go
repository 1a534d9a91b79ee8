package oarlock_test

import (
	"context"
	"sync"
	"testing"

	"github.com/oarlock/oarlock/go/oarlock"
)

func bound(t *testing.T, p *oarlock.Predictor, inputs, outputs []oarlock.Value) *oarlock.Runner {
	t.Helper()
	runner, err := p.NewRunner(inputs, outputs)
	check(t, err)
	t.Cleanup(func() { runner.Close() })
	return runner
}

func TestRunnerReadsItsInputAtEachRun(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, addScript)
		x := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		runner := bound(t, p, []oarlock.Value{x}, nil)
		y, err := oarlock.DataOf[float32](runner.Output(0))
		check(t, err)
		for i := range 5 {
			x.Data()[0] = float32(100 * i)
			check(t, runner.Run(context.Background()))
			if y[0] != float32(100*i+1) || y[15] != 16 {
				t.Fatalf("run %d gives %v", i, y)
			}
		}
		copies, err := runner.CopyReport()
		check(t, err)
		if len(copies) != 0 {
			t.Errorf("%+v were copied", copies)
		}
		view, err := oarlock.ViewOf[float32](runner, 0)
		check(t, err)
		if &view.Data()[0] != &y[0] || !view.Shape().Equal(oarlock.Shape{1, 16}) {
			t.Error("the view is of something else")
		}
		_, err = oarlock.ViewOf[int32](runner, 0)
		fails(t, err, oarlock.InvalidArgument, "output 0 is of FP32; wanted INT32")
		_, err = oarlock.StringsOf(runner, 0)
		fails(t, err, oarlock.InvalidArgument, "output 0 is of FP32; wanted BYTES")
	})
}

func TestRunnerIsBoundAnew(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, addScript)
		runner := bound(t, p, []oarlock.Value{nil}, nil)
		fails(t, runner.Run(context.Background()), oarlock.FailedPrecondition, "input 'x' of model 'model' is not bound")
		x := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		check(t, runner.BindInput(0, x))
		first := runner.Output(0).(*oarlock.Tensor[float32])
		check(t, runner.Run(context.Background()))
		other := tensor(t, oarlock.Shape{1, 16}, numbers(16, 50))
		check(t, runner.BindInput(0, other))
		y := tensor(t, oarlock.Shape{1, 16}, make([]float32, 16))
		check(t, runner.BindOutput(0, y))
		_, err := oarlock.ViewOf[float32](runner, 0)
		fails(t, err, oarlock.FailedPrecondition, "no run has succeeded")
		check(t, runner.Run(context.Background()))
		equal(t, y.Data(), numbers(16, 51))
		equal(t, first.Data(), numbers(16, 1))

		var none *oarlock.Tensor[float32]
		whole := tensor(t, oarlock.Shape{1, 16}, make([]int64, 16))
		for _, of := range []struct {
			err   error
			code  oarlock.Code
			words string
		}{
			{runner.BindInput(0, nil), oarlock.InvalidArgument, "no tensor"},
			{runner.BindInput(0, none), oarlock.InvalidArgument, "no tensor"},
			{runner.BindOutput(0, none), oarlock.InvalidArgument, "nil pointer"},
			{runner.BindInput(1, x), oarlock.OutOfRange, "input 1 of model 'model', which has 1"},
			{runner.BindOutput(-1, x), oarlock.OutOfRange, "output -1"},
			{runner.BindInput(0, whole), oarlock.InvalidArgument, "FP32; the tensor is INT64"},
		} {
			fails(t, of.err, of.code, of.words)
		}
		check(t, runner.Run(context.Background())) // refused bindings leave the old ones
		equal(t, y.Data(), numbers(16, 51))
		_, err = p.NewRunner(nil, nil)
		fails(t, err, oarlock.InvalidArgument, "0 inputs")
		_, err = p.NewRunner([]oarlock.Value{whole}, nil)
		fails(t, err, oarlock.InvalidArgument, "INT64")
		if runner.Input(1) != nil || runner.Output(-1) != nil || runner.Input(0) != oarlock.Value(other) {
			t.Error("what is bound is told wrongly")
		}
	})
}

// An output in the engine's memory keeps its execution until the next run; all others go on with the rest.
func TestRunnerKeepsTheExecutionThatItsAnswerIsIn(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := scriptWith(t, rt, addRowsScript, oarlock.LoadOptions{Executions: 2})
		x := tensor(t, oarlock.Shape{2, 4}, numbers(8, 0))
		runner := bound(t, p, []oarlock.Value{x}, nil)
		for range 3 {
			check(t, runner.Run(context.Background()))
			if free := oarlock.FreeExecutions(p); free != 1 {
				t.Fatalf("%d executions are free, want 1", free)
			}
			view, err := oarlock.ViewOf[float32](runner, 0)
			check(t, err)
			equal(t, view.Data(), numbers(8, 1))
			kept := view.Clone()
			outputs, err := p.Predict(context.Background(), x)
			check(t, err)
			outputs[0].Close()
			equal(t, kept.Data(), numbers(8, 1))
		}
		check(t, runner.BindInput(0, x))
		if free := oarlock.FreeExecutions(p); free != 2 {
			t.Errorf("%d executions are free after binding, want 2", free)
		}
		check(t, runner.Run(context.Background()))
		check(t, runner.Close())
		if free := oarlock.FreeExecutions(p); free != 2 {
			t.Errorf("%d executions are free after Close, want 2", free)
		}
	})
}

func TestASecondGoroutineIsRefused(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, slowScript)
		x := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		runner := bound(t, p, []oarlock.Value{x}, nil)
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		spawn(&wg, func() { fails(t, runner.Run(ctx), oarlock.Cancelled, "") })
		waitFor(t, func() bool { return oarlock.FreeExecutions(p) == 0 })
		fails(t, runner.Run(context.Background()), oarlock.FailedPrecondition, "another goroutine")
		fails(t, runner.BindInput(0, x), oarlock.FailedPrecondition, "another goroutine")
		_, err := oarlock.ViewOf[float32](runner, 0)
		fails(t, err, oarlock.FailedPrecondition, "another goroutine")
		cancel()
		wg.Wait()
	})
}

func TestViewsAfterTheirEnd(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, addScript)
		x := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		runner := bound(t, p, []oarlock.Value{x}, nil)
		check(t, runner.Run(context.Background()))
		view, err := oarlock.ViewOf[float32](runner, 0)
		check(t, err)
		equal(t, view.Data(), numbers(16, 1))
		check(t, runner.Run(context.Background()))
		panicked := func() (panicked bool) {
			defer func() { panicked = recover() != nil }()
			view.Data()
			return
		}()
		if panicked != oarlock.IsChecked {
			t.Errorf("panicked: %v, with oarlock_check: %v", panicked, oarlock.IsChecked)
		}
		var nothing oarlock.View[float32]
		if len(nothing.Data()) != 0 || len(nothing.Shape()) != 0 {
			t.Error("a zero view has elements")
		}
	})
}

func TestStringsOfARunner(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, "input x BYTES -1\noutput y BYTES -1\nop identity\n")
		x, err := oarlock.NewStrings(nil, []string{"a", "bc"})
		check(t, err)
		defer x.Close()
		runner := bound(t, p, []oarlock.Value{x}, nil)
		check(t, runner.Run(context.Background()))
		y, err := oarlock.StringsOf(runner, 0)
		check(t, err)
		if y.Len() != 2 || y.At(1) != "bc" {
			t.Errorf("got %q", y.Elements())
		}
		_, err = oarlock.StringsOf(runner, 1)
		fails(t, err, oarlock.OutOfRange, "output 1")
		_, err = oarlock.ViewOf[uint8](runner, 0)
		fails(t, err, oarlock.InvalidArgument, "of BYTES; wanted UINT8")
	})
}
