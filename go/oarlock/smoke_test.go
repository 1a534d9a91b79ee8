package oarlock_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/oarlock/oarlock/go/oarlock"
)

func rt(t testing.TB) *oarlock.Runtime {
	r, err := oarlock.NewRuntime(oarlock.RuntimeOptions{Library: os.Getenv("OARLOCK_LIBRARY"), ThreadBudget: 2, CacheDir: "none"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func TestSmoke(t *testing.T) {
	r := rt(t)
	engines, err := r.Engines()
	t.Log(engines, err)
	for _, path := range []string{"../../tests/models/onnx/relu_1x16.onnx", "../../tests/models/onnx/add_dynamic.onnx"} {
		p, err := r.Load(path, oarlock.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%+v", *p.Model())
		p.Close()
	}
	p, err := r.Load("../../tests/models/onnx/relu_1x16.onnx", oarlock.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	x, _ := oarlock.Empty[float32](oarlock.Shape{1, 16})
	for i := range x.Data() {
		x.Data()[i] = float32(i) - 8
	}
	outs, err := p.Predict(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(oarlock.DataOf[float32](outs[0]))
	slow, err := r.LoadBytes([]byte("input x FP32 1,16\noutput y FP32 1,16\nop add 1\ndelay_us 60000000\n"), nil, oarlock.LoadOptions{Engine: "fake", Format: oarlock.FormatFake, NoWarmUp: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	began := time.Now()
	err = slow.Infer(ctx, []oarlock.Value{x}, []oarlock.Value{nil})
	t.Log(err, time.Since(began))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	slow.Close()
	p.Close()
	x.Close()
	outs[0].Close()
	t.Log(oarlock.Leaks())
}

func BenchmarkInfer(b *testing.B) {
	r := rt(b)
	p, err := r.Load("../../tests/models/onnx/relu_1x16.onnx", oarlock.LoadOptions{Engine: "onnxruntime"})
	if err != nil {
		b.Fatal(err)
	}
	x, _ := oarlock.Empty[float32](oarlock.Shape{1, 16})
	y, _ := oarlock.Empty[float32](oarlock.Shape{1, 16})
	ctx := context.Background()
	b.Run("runner", func(b *testing.B) {
		run, err := p.NewRunner([]oarlock.Value{x}, []oarlock.Value{y})
		if err != nil {
			b.Fatal(err)
		}
		defer run.Close()
		b.ReportAllocs()
		for b.Loop() {
			if err := run.Run(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("runner-cancellable", func(b *testing.B) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		run, err := p.NewRunner([]oarlock.Value{x}, []oarlock.Value{y})
		if err != nil {
			b.Fatal(err)
		}
		defer run.Close()
		b.ReportAllocs()
		for b.Loop() {
			if err := run.Run(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("infer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := p.Infer(ctx, []oarlock.Value{x}, []oarlock.Value{y}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("infer-cancellable", func(b *testing.B) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		b.ReportAllocs()
		for b.Loop() {
			if err := p.Infer(ctx, []oarlock.Value{x}, []oarlock.Value{y}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("new", func(b *testing.B) {
		data := make([]float32, 16)
		b.ReportAllocs()
		for b.Loop() {
			x, _ := oarlock.NewTensor(oarlock.Shape{1, 16}, data)
			y, _ := oarlock.Empty[float32](oarlock.Shape{1, 16})
			if err := p.Infer(ctx, []oarlock.Value{x}, []oarlock.Value{y}); err != nil {
				b.Fatal(err)
			}
			x.Close()
			y.Close()
		}
	})
}
