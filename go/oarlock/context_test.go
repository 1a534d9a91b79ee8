package oarlock_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/oarlock/oarlock/go/oarlock"
)

// A call that runs until it is cancelled, and what it ends with.
func hold(ctx context.Context, t *testing.T, p *oarlock.Predictor) <-chan error {
	x := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
	y := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
	ended := make(chan error, 1)
	go func() { ended <- p.Infer(ctx, []oarlock.Value{x}, []oarlock.Value{y}) }()
	return ended
}

func TestAContextThatIsOverBeforehandRunsNothing(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, addScript)
		x := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		y := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		runner, err := p.NewRunner([]oarlock.Value{x}, []oarlock.Value{y})
		check(t, err)
		defer runner.Close()
		reason := errors.New("the client hung up")
		cancelled, cancel := context.WithCancelCause(context.Background())
		cancel(reason)
		expired, stop := context.WithDeadline(context.Background(), time.Now().Add(-time.Hour))
		defer stop()
		for _, run := range []func(context.Context) error{
			func(ctx context.Context) error { return p.Infer(ctx, []oarlock.Value{x}, []oarlock.Value{y}) },
			runner.Run,
		} {
			err := run(cancelled)
			fails(t, err, oarlock.Cancelled, "canceled")
			if !errors.Is(err, context.Canceled) || !errors.Is(err, reason) {
				t.Errorf("%v is not the context's", err)
			}
			err = run(expired)
			fails(t, err, oarlock.DeadlineExceeded, "deadline")
			if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
				t.Errorf("%v is not the context's", err)
			}
			check(t, run(context.Background()))
		}
		s, err := p.Statistics()
		check(t, err)
		if s.Runs != 2 {
			t.Errorf("%d runs, want 2", s.Runs)
		}
	})
}

func TestAContextEndsARunUnderWay(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, slowScript)
		for range 20 {
			ctx, cancel := context.WithCancel(context.Background())
			ended := hold(ctx, t, p)
			cancel()
			err := <-ended
			fails(t, err, oarlock.Cancelled, "canceled")
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%v is not the context's", err)
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
		defer cancel()
		err := <-hold(ctx, t, p)
		fails(t, err, oarlock.DeadlineExceeded, "deadline")
	})
}

func TestAContextEndsTheWaitForAnExecution(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, slowScript)
		first, release := context.WithCancel(context.Background())
		runs := hold(first, t, p)
		waitFor(t, func() bool { return oarlock.FreeExecutions(p) == 0 })
		ctx, cancel := context.WithCancel(context.Background())
		waits := hold(ctx, t, p)
		cancel()
		fails(t, <-waits, oarlock.Cancelled, "canceled")
		fails(t, <-hold(deadlineOnly{context.Background(), time.Now().Add(time.Millisecond)}, t, p), oarlock.DeadlineExceeded, "before an execution became free")
		release()
		fails(t, <-runs, oarlock.Cancelled, "canceled")
	})
}

// deadlineOnly is a context that has a deadline and cannot be cancelled.
type deadlineOnly struct {
	context.Context
	at time.Time
}

func (d deadlineOnly) Deadline() (time.Time, bool) { return d.at, true }

func TestADeadlineAlone(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, addScript)
		x := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		runner, err := p.NewRunner([]oarlock.Value{x}, nil)
		check(t, err)
		defer runner.Close()
		later := deadlineOnly{context.Background(), time.Now().Add(time.Hour)}
		past := deadlineOnly{context.Background(), time.Now().Add(-time.Hour)}
		for range 2 {
			check(t, runner.Run(later))
			fails(t, runner.Run(past), oarlock.DeadlineExceeded, "")
			check(t, runner.Run(context.Background()))
			outputs := []oarlock.Value{nil}
			check(t, p.Infer(later, []oarlock.Value{x}, outputs))
			outputs[0].Close()
			fails(t, p.Infer(past, []oarlock.Value{x}, []oarlock.Value{nil}), oarlock.DeadlineExceeded, "")
		}
	})
}

// What ends after the run changes nothing, and what belongs to the last run does not end the next.
func TestAContextThatEndsAfterwardsEndsNothing(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, addScript)
		x := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		y := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		runner, err := p.NewRunner([]oarlock.Value{x}, []oarlock.Value{y})
		check(t, err)
		defer runner.Close()
		for range 300 {
			ctx, cancel := context.WithCancel(context.Background())
			check(t, runner.Run(ctx))
			check(t, runner.Run(context.WithValue(ctx, key{}, 1)))
			go cancel()
			check(t, runner.Run(context.Background()))
			<-ctx.Done()
			fails(t, runner.Run(ctx), oarlock.Cancelled, "")

			ctx, cancel = context.WithCancel(context.Background())
			check(t, p.Infer(ctx, []oarlock.Value{x}, []oarlock.Value{y}))
			go cancel()
			check(t, p.Infer(context.Background(), []oarlock.Value{x}, []oarlock.Value{y}))
			<-ctx.Done()
		}
	})
}

type key struct{}

// A context that panics has its call's execution given back all the same.
func TestAPanicInACallersGoroutineLosesNothing(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, addScript)
		x := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		y := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		runner, err := p.NewRunner([]oarlock.Value{x}, []oarlock.Value{y})
		check(t, err)
		defer runner.Close()
		for after := range 4 {
			for _, run := range []func(context.Context) error{
				func(ctx context.Context) error { return p.Infer(ctx, []oarlock.Value{x}, []oarlock.Value{y}) }, runner.Run,
			} {
				recovered := make(chan any)
				go func() {
					defer func() { recovered <- recover() }()
					run(&panicking{context.Background(), after})
				}()
				if got := <-recovered; got != "a bug of the caller's" && after < 2 {
					t.Errorf("recovered %v", got)
				}
				check(t, run(context.Background()))
			}
		}
		if free := oarlock.FreeExecutions(p); free != 1 {
			t.Errorf("%d executions are free, want 1", free)
		}
	})
}

type panicking struct {
	context.Context
	calls int
}

func (p *panicking) Err() error {
	if p.calls--; p.calls < 0 {
		panic("a bug of the caller's")
	}
	return nil
}

// waitFor polls for what other goroutines bring about.
func waitFor(t *testing.T, holds func() bool) {
	t.Helper()
	for range 20_000 {
		if holds() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("it did not come about in 20 s")
}
