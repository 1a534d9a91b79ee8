package oarlock_test

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"strconv"
	"testing"

	"github.com/oarlock/oarlock/go/oarlock"
)

// open is how many of a kind there are, and how many Go has collected.
func leaksOf(kind string) (open, lost int64) {
	for _, leak := range oarlock.Leaks() {
		if leak.Kind == kind {
			return leak.Open, leak.Lost
		}
	}
	return 0, 0
}

// collect has Go collect what is not reachable, until it is as wanted.
func collect(t *testing.T, holds func() bool) {
	t.Helper()
	waitFor(t, func() bool {
		runtime.GC()
		return holds()
	})
}

func TestWhatIsForgottenIsClosedAndCounted(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		kinds := []string{"tensor", "predictor", "runner", "image"}
		var open, lost [4]int64
		collect(t, func() bool { return true })
		for i, kind := range kinds {
			open[i], lost[i] = leaksOf(kind)
		}
		func() {
			p, err := rt.LoadBytes([]byte(addScript), nil, oarlock.LoadOptions{Engine: "fake", Format: oarlock.FormatFake})
			check(t, err)
			x, err := oarlock.NewTensor(oarlock.Shape{1, 16}, numbers(16, 0))
			check(t, err)
			r, err := p.NewRunner([]oarlock.Value{x}, nil)
			check(t, err)
			check(t, r.Run(context.Background()))
			_, err = rt.Decode(aPicture(t), oarlock.RGB)
			check(t, err)
		}()
		for i, kind := range kinds {
			wanted := lost[i] + 1
			if kind == "tensor" {
				wanted++ // the output
			}
			collect(t, func() bool {
				nowOpen, nowLost := leaksOf(kind)
				return nowOpen == open[i] && nowLost == wanted
			})
		}
	})
}

// Nothing but the call itself knows the runner, the predictor and the tensors: Go must not collect them meanwhile.
func TestNothingIsCollectedDuringARun(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 2)
		free := func() func() int {
			p, err := rt.LoadBytes([]byte(slowScript), nil, oarlock.LoadOptions{
				Engine: "fake", Format: oarlock.FormatFake, NoWarmUp: true, Executions: 2,
			})
			check(t, err)
			x, err := oarlock.NewTensor(oarlock.Shape{1, 16}, numbers(16, 0))
			check(t, err)
			r, err := p.NewRunner([]oarlock.Value{x}, nil)
			check(t, err)
			go func() { ended <- r.Run(ctx) }()
			go func() { _, err := p.Predict(ctx, x); ended <- err }()
			return oarlock.FreeExecutionsOf(p)
		}()
		waitFor(t, func() bool { return free() == 0 })
		for range 10 {
			runtime.GC()
		}
		select {
		case err := <-ended:
			t.Errorf("a run ended with %v", err)
		default:
		}
		cancel()
		for range 2 {
			fails(t, <-ended, oarlock.Cancelled, "canceled")
		}
	})
}

func residentBytes(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	check(t, err)
	pages, err := strconv.Atoi(string(bytes.Fields(text)[1]))
	check(t, err)
	return pages * os.Getpagesize()
}

// flat runs something twice as often as it takes to reach its size, and wants that size to stay.
func flat(t *testing.T, what string, times int, do func()) {
	t.Helper()
	if raceEnabled {
		times /= 20 // its shadow memory grows with what was ever touched
	}
	for range times / 2 {
		do()
	}
	runtime.GC()
	before := residentBytes(t)
	for range times / 2 {
		do()
	}
	runtime.GC()
	after := residentBytes(t)
	t.Logf("%s: %.1f MB, then %.1f MB", what, float64(before)/1e6, float64(after)/1e6)
	if !raceEnabled && after > before+before/10+4<<20 {
		t.Errorf("%s: the process grew from %d to %d bytes", what, before, after)
	}
}

func TestTheSizeStaysOverTenThousandLeakedTensors(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, addScript)
		_, lost := leaksOf("tensor")
		flat(t, "10,000 leaked tensors", 10_000, func() {
			x, err := oarlock.NewTensor(oarlock.Shape{1, 16}, numbers(16, 0))
			check(t, err)
			for range 2 { // the first call alone leaves nothing to let go of
				check(t, p.Infer(context.Background(), []oarlock.Value{x}, []oarlock.Value{nil}))
			}
		})
		collect(t, func() bool { _, now := leaksOf("tensor"); return now > lost })
	})
}

func TestTheSizeStaysOverAMillionRuns(t *testing.T) {
	rt := realRuntime(t)
	p := script(t, rt, addScript)
	x := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
	y := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
	inputs, outputs := []oarlock.Value{x}, []oarlock.Value{y}
	flat(t, "1,000,000 runs", 1_000_000, func() { check(t, p.Infer(context.Background(), inputs, outputs)) })
}

// A tensor that was closed while a runner has it bound stays where it is until the runner lets go.
func TestMemoryStaysWhileARunnerHasIt(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, addScript)
		runner := bound(t, p, []oarlock.Value{nil}, nil)
		func() {
			x, err := oarlock.NewTensor(oarlock.Shape{1, 16}, numbers(16, 7))
			check(t, err)
			check(t, runner.BindInput(0, x))
			check(t, x.Close())
		}()
		for range 20 {
			runtime.GC()
			_ = numbers(1<<16, 1)
			check(t, runner.Run(context.Background()))
			got, err := oarlock.DataOf[float32](runner.Output(0))
			check(t, err)
			equal(t, got, numbers(16, 8))
		}
	})
}
