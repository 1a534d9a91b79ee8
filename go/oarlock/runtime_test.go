package oarlock_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/oarlock/oarlock/go/oarlock"
	"github.com/oarlock/oarlock/go/oarlocktest"
)

func TestRuntimesSayWhatIsThere(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		engines, err := rt.Engines()
		check(t, err)
		found := false
		for _, engine := range engines {
			found = found || engine.Name == "fake" && engine.Err == nil && engine.Version == "1"
		}
		if !found {
			t.Errorf("no fake engine in %+v", engines)
		}
		hardware, err := rt.Hardware()
		check(t, err)
		if hardware.ThreadBudget != 2 || hardware.UsableCores < 1 {
			t.Errorf("got %+v", hardware)
		}
		_, err = rt.Load("/no/such/model.onnx", oarlock.LoadOptions{})
		fails(t, err, oarlock.NotFound, "/no/such/model.onnx")
		_, err = rt.Load("a\x00b", oarlock.LoadOptions{})
		fails(t, err, oarlock.InvalidArgument, "NUL")
		_, err = rt.LoadBytes([]byte(addScript), nil, oarlock.LoadOptions{Executions: -1})
		fails(t, err, oarlock.InvalidArgument, "Executions is -1")
		var none *oarlock.Runtime
		_, err = none.Load("m", oarlock.LoadOptions{})
		fails(t, err, oarlock.InvalidArgument, "no runtime")
	})
	_, err := oarlocktest.NewRuntimeWith(nil, oarlock.RuntimeOptions{ThreadBudget: -1})
	fails(t, err, oarlock.InvalidArgument, "ThreadBudget is -1")
	_, err = oarlocktest.NewRuntimeWith(nil, oarlock.RuntimeOptions{CacheDir: "a\x00"})
	fails(t, err, oarlock.InvalidArgument, "CacheDir has a NUL")
}

// lockedBuffer is written to by threads of the library.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func TestALoggerGetsTheLibrarysLines(t *testing.T) {
	var log lockedBuffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	rt, err := oarlocktest.NewRuntimeWith(nil, oarlock.RuntimeOptions{Logger: logger})
	check(t, err)
	defer rt.Close()
	scriptWith(t, rt, addScript, oarlock.LoadOptions{Name: "adder"})
	if !strings.Contains(log.String(), "level=INFO") || !strings.Contains(log.String(), "adder") {
		t.Errorf("the log has %q", log.String())
	}
}

func TestProgressIsTold(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		var mu sync.Mutex
		var phases []string
		scriptWith(t, rt, addScript, oarlock.LoadOptions{Progress: func(phase string) {
			mu.Lock()
			defer mu.Unlock()
			phases = append(phases, phase)
		}})
		mu.Lock()
		defer mu.Unlock()
		if len(phases) == 0 || phases[0] == "" {
			t.Errorf("told %q", phases)
		}
	})
}
