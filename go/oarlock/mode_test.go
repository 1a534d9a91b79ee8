package oarlock_test

import (
	"os"
	"sync"
	"testing"

	"github.com/oarlock/oarlock/go/oarlock"
	"github.com/oarlock/oarlock/go/oarlocktest"
)

// Scripts that the fake engine and package oarlocktest both take.
const (
	addScript     = "input x FP32 1,16\noutput y FP32 1,16\nop add 1\n"
	addRowsScript = "input x FP32 -1,4\noutput y FP32 -1,4\nop add 1\n"
	slowScript    = addScript + "delay_us 60000000\n" // a minute, unless it is cancelled
)

// both runs a test with the scripted driver, and with the library if there is one.
func both(t *testing.T, body func(t *testing.T, rt *oarlock.Runtime)) {
	t.Helper()
	t.Run("mock", func(t *testing.T) {
		rt, err := oarlocktest.NewRuntimeWith(nil, oarlock.RuntimeOptions{ThreadBudget: 2})
		check(t, err)
		defer rt.Close()
		body(t, rt)
	})
	t.Run("real", func(t *testing.T) { body(t, realRuntime(t)) })
}

// realRuntime is a runtime of the library, if there is one.
func realRuntime(t testing.TB) *oarlock.Runtime {
	t.Helper()
	path := os.Getenv("OARLOCK_LIBRARY")
	if path == "" {
		t.Skip("OARLOCK_LIBRARY names no liboarlock.so")
	}
	rt, err := oarlock.NewRuntime(oarlock.RuntimeOptions{Library: path, ThreadBudget: 2, CacheDir: "none"})
	if oarlock.CodeOf(err) == oarlock.Unimplemented {
		t.Skip(err)
	}
	check(t, err)
	t.Cleanup(func() { rt.Close() })
	return rt
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// script loads a model of a script, with one execution.
func script(t testing.TB, rt *oarlock.Runtime, text string) *oarlock.Predictor {
	t.Helper()
	return scriptWith(t, rt, text, oarlock.LoadOptions{Executions: 1})
}

func scriptWith(t testing.TB, rt *oarlock.Runtime, text string, options oarlock.LoadOptions) *oarlock.Predictor {
	t.Helper()
	options.Engine, options.Format, options.NoWarmUp = "fake", oarlock.FormatFake, true
	p, err := rt.LoadBytes([]byte(text), nil, options)
	check(t, err)
	t.Cleanup(func() { p.Close() })
	return p
}

func numbers(count int, first float32) []float32 {
	out := make([]float32, count)
	for i := range out {
		out[i] = first + float32(i)
	}
	return out
}

// tensor is closed at the end of the test.
func tensor[T oarlock.Element](t testing.TB, shape oarlock.Shape, data []T) *oarlock.Tensor[T] {
	t.Helper()
	made, err := oarlock.NewTensor(shape, data)
	check(t, err)
	t.Cleanup(func() { made.Close() })
	return made
}

func equal[T comparable](t testing.TB, got, want []T) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d elements, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("element %d is %v, want %v", i, got[i], want[i])
		}
	}
}

// fails wants an error of this code whose text has these words.
func fails(t testing.TB, err error, code oarlock.Code, words string) {
	t.Helper()
	if oarlock.CodeOf(err) != code || err != nil && !contains(err.Error(), words) {
		t.Fatalf("got %v; want %v with %q", err, code, words)
	}
}

// spawn starts a goroutine that wg waits for.
func spawn(wg *sync.WaitGroup, do func()) {
	wg.Add(1)
	go func() {
		defer wg.Done()
		do()
	}()
}
