package oarlock_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oarlock/oarlock/go/oarlock"
)

func TestBothEnginesComputeTheSame(t *testing.T) {
	rt := realRuntime(t)
	engines, err := rt.Engines()
	check(t, err)
	ran := 0
	for _, engine := range engines {
		if engine.Name == "fake" || engine.Err != nil {
			continue
		}
		ran++
		p, err := rt.Load("../../tests/models/onnx/relu_1x16.onnx", oarlock.LoadOptions{Engine: engine.Name})
		check(t, err)
		x, err := oarlock.Empty[float32](oarlock.Shape{1, 16})
		check(t, err)
		copy(x.Data(), numbers(16, -8))
		runner := bound(t, p, []oarlock.Value{x}, nil)
		check(t, runner.Run(context.Background()))
		y, err := oarlock.DataOf[float32](runner.Output(0))
		check(t, err)
		equal(t, y, append(make([]float32, 8), numbers(8, 0)...))
		copies, err := runner.CopyReport()
		check(t, err)
		if len(copies) != 0 {
			t.Errorf("%s copied %+v", engine.Name, copies)
		}
		check(t, runner.Close())
		check(t, x.Close())
		check(t, p.Close())
	}
	if ran == 0 {
		t.Skip("this build has no engine but the fake one")
	}
}

// Paddle 3 as it is saved, Paddle 2 of the same net, and pictures in: twenty of them, each with its number.
func TestPaddleModelsReadPictures(t *testing.T) {
	rt := realRuntime(t)
	const example = "../../examples/waybill/"
	labels, err := os.ReadFile(example + "test/labels.txt")
	check(t, err)
	p, err := rt.Load(example+"models/waybill", oarlock.LoadOptions{})
	check(t, err)
	defer p.Close()
	if m := p.Model(); m.Format != oarlock.FormatPaddlePIR || !m.Inputs[0].TakesPictures || !m.IsConverted {
		t.Errorf("got %+v", m)
	}
	read := 0
	for _, line := range strings.Split(strings.TrimSpace(string(labels)), "\n") {
		fields := strings.Fields(line)
		file, err := os.ReadFile(filepath.Join(example, "test", fields[0]))
		check(t, err)
		picture, err := oarlock.NewStrings(nil, [][]byte{file})
		check(t, err)
		outputs, err := p.Predict(context.Background(), picture)
		check(t, err)
		if got := outputs[0].(*oarlock.Strings).At(0); got != fields[1] {
			t.Errorf("%s is read as %s, want %s", fields[0], got, fields[1])
		}
		for _, value := range append(outputs, picture) {
			check(t, value.Close())
		}
		read++
	}
	if read != 20 {
		t.Errorf("%d pictures, want 20", read)
	}
	legacy, err := rt.Load(example+"paddle2", oarlock.LoadOptions{})
	check(t, err)
	defer legacy.Close()
	if got := legacy.Model().Format; got != oarlock.FormatPaddle {
		t.Errorf("paddle2 is %v", got)
	}
}

// A cache that cannot be written is no reason to fail, and one to say so: through the runtime's own logger.
func TestWarningsOfTheLibraryReachTheLogger(t *testing.T) {
	realRuntime(t)
	var log lockedBuffer
	file := filepath.Join(t.TempDir(), "no directory")
	check(t, os.WriteFile(file, nil, 0o600))
	rt, err := oarlock.NewRuntime(oarlock.RuntimeOptions{
		Library: os.Getenv("OARLOCK_LIBRARY"), CacheDir: file, Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	check(t, err)
	defer rt.Close()
	p, err := rt.Load("../../examples/waybill/models/waybill", oarlock.LoadOptions{})
	check(t, err)
	defer p.Close()
	if warnings := p.Model().Warnings; len(warnings) == 0 || !strings.Contains(warnings[0], file) {
		t.Errorf("warned of %q", warnings)
	}
	if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "no directory") {
		t.Errorf("the log has %q", log.String())
	}
}
