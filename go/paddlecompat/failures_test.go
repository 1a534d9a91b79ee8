package paddlecompat_test

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/oarlock/oarlock/go/oarlock"
	paddle "github.com/oarlock/oarlock/go/paddlecompat"
)

// mlp takes [-1,16] and gives [-1,4] of float32s.
func mlp(t testing.TB) *paddle.Predictor {
	t.Helper()
	needLibrary(t)
	config := paddle.NewConfig()
	config.SetModel(file("paddle/mlp/inference.pdmodel"), file("paddle/mlp/inference.pdiparams"))
	predictor, err := paddle.NewPredictorE(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { predictor.Close() })
	return predictor
}

func handles(p *paddle.Predictor) (input, output *paddle.Tensor) {
	return p.GetInputHandle(p.GetInputNames()[0]), p.GetOutputHandle(p.GetOutputNames()[0])
}

// fails checks an error's kind and that its text has all the parts.
func fails(t testing.TB, err, kind error, parts ...string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("the error is %v; want %v", err, kind)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error is %q; want %q in it", err, part)
		}
	}
}

func TestConfigThatCannotBeLoadedMakesAPredictorWithoutInputs(t *testing.T) {
	needLibrary(t)
	for _, test := range []struct {
		name   string
		config func(*paddle.Config)
		kind   error
		parts  []string
	}{
		{"no model", func(c *paddle.Config) {}, oarlock.ErrFailedPrecondition, []string{"SetModel"}},
		{"no file", func(c *paddle.Config) { c.SetModel("/none/a.pdmodel", "/none/a.pdiparams") }, fs.ErrNotExist, []string{"/none/a.pdmodel"}},
		{"no weights", func(c *paddle.Config) { c.SetModel(file("paddle/mlp/inference.pdmodel"), "/none/b") }, fs.ErrNotExist, []string{"/none/b"}},
		{"empty buffer", func(c *paddle.Config) { c.SetModelBuffer("", "") }, oarlock.ErrInvalidArgument, []string{"no bytes"}},
		{"no format", func(c *paddle.Config) { c.SetModelBuffer("nonsense", "") }, oarlock.ErrInvalidArgument, []string{"format"}},
		{"threads", func(c *paddle.Config) {
			c.SetModel(file("paddle/mlp/inference.pdmodel"), "")
			c.SetCpuMathLibraryNumThreads(-2)
		}, oarlock.ErrInvalidArgument, []string{"Threads", "-2"}},
		{"GPU", func(c *paddle.Config) { c.EnableUseGpu(100, 1) }, oarlock.ErrUnimplemented, []string{"EnableUseGpu(100, 1)", "CPU"}},
		{"XPU", func(c *paddle.Config) { c.EnableXpu(1, false, false, "", "", false, false) }, oarlock.ErrUnimplemented, []string{"EnableXpu(1"}},
		{"NPU", func(c *paddle.Config) { c.EnableNpu(2) }, oarlock.ErrUnimplemented, []string{"EnableNpu(2)"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			log := logged(t)
			config := paddle.NewConfig()
			test.config(config)
			config.DisableGlogInfo() // does not silence failures
			predictor := paddle.NewPredictor(config)
			fails(t, predictor.Err(), test.kind, test.parts...)
			if !strings.Contains(log.String(), "NewPredictor failed") {
				t.Errorf("the log is %q", log)
			}
			if names := predictor.GetInputNames(); len(names) != 0 || predictor.GetInputNum() != 0 || predictor.GetOutputNum() != 0 {
				t.Errorf("it has the inputs %q, %d and %d", names, predictor.GetInputNum(), predictor.GetOutputNum())
			}
			if _, err := paddle.NewPredictorE(config); err == nil || err.Error() != predictor.Err().Error() {
				t.Errorf("NewPredictorE gives %v", err)
			}
			useAll(predictor)
			fails(t, predictor.RunE(context.Background()), test.kind)
			fails(t, predictor.Clone().Err(), test.kind)
			if predictor.Oarlock() != nil {
				t.Error("a model that was not loaded is there")
			}
		})
	}
}

// useAll calls everything, of which nothing may panic.
func useAll(predictor *paddle.Predictor) {
	for _, tensor := range []*paddle.Tensor{predictor.GetInputHandle("x"), predictor.GetOutputHandle("y")} {
		tensor.Reshape([]int32{1, 16})
		tensor.CopyFromCpu(make([]float32, 16))
		tensor.SetLod([][]uint{{0, 1}})
		tensor.CopyToCpu(make([]float32, 16))
		tensor.CopyToCpu(nil)
		_, _, _, _, _ = tensor.Err(), tensor.Lod(), tensor.Name(), tensor.Shape(), tensor.Type()
	}
	predictor.Run()
	predictor.ClearIntermediateTensor()
	predictor.TryShrinkMemory()
	predictor.GetOutputNames()
	predictor.Clone()
	predictor.Close()
}

func TestZeroValuesAreErrors(t *testing.T) {
	logged(t)
	var predictor paddle.Predictor
	fails(t, predictor.Err(), oarlock.ErrInvalidArgument, "NewPredictor")
	useAll(&predictor)
	var tensor paddle.Tensor
	fails(t, tensor.ReshapeE([]int32{1}), oarlock.ErrInvalidArgument, "GetInputHandle")
	fails(t, tensor.Err(), oarlock.ErrInvalidArgument)
	fails(t, paddle.NewPredictor(nil).Err(), oarlock.ErrInvalidArgument, "NewConfig")
}

func TestNameThatThereIsNot(t *testing.T) {
	predictor := mlp(t)
	log := logged(t)
	wrong := predictor.GetInputHandle("image")
	fails(t, wrong.Err(), oarlock.ErrNotFound, "input 'image'", `["x"]`)
	if lines := strings.Count(log.String(), "\n"); lines != 1 {
		t.Errorf("%d lines were logged; want 1: %s", lines, log)
	}
	wrong.Reshape([]int32{1, 16})
	wrong.CopyFromCpu(make([]float32, 16))
	if wrong.Type() != paddle.Unk || wrong.Name() != "image" || len(wrong.Shape()) != 0 {
		t.Errorf("it is %v %q %v", wrong.Type(), wrong.Name(), wrong.Shape())
	}
	predictor.Run()
	fails(t, predictor.Err(), oarlock.ErrFailedPrecondition, "input 'x'", "CopyFromCpu")
	_, err := predictor.GetOutputHandleE("x")
	fails(t, err, oarlock.ErrNotFound, "output 'x'")
}

func TestWhatInputsRefuse(t *testing.T) {
	predictor := mlp(t)
	logged(t)
	input, output := handles(predictor)
	fails(t, input.CopyFromCpuE(make([]float32, 16)), oarlock.ErrFailedPrecondition, "input 'x'", "Reshape", "[-1,16]")
	for _, shape := range [][]int32{{-1, 16}, {1, 1, 1, 1, 1, 1, 1, 1, 16}} {
		fails(t, input.ReshapeE(shape), oarlock.ErrInvalidArgument, "input 'x'")
		fails(t, input.CopyFromCpuE(make([]float32, 16)), oarlock.ErrInvalidArgument, "input 'x'")
		fails(t, predictor.RunE(context.Background()), oarlock.ErrInvalidArgument, "input 'x'")
	}
	for range 2 { // the second time back to the shape that it has
		if err := input.ReshapeE([]int32{2, 16}); err != nil {
			t.Error(err)
		}
		if err := input.CopyFromCpuE(make([]float32, 32)); err != nil {
			t.Error(err)
		}
		fails(t, input.ReshapeE([]int32{-2, 16}), oarlock.ErrInvalidArgument, "input 'x'")
	}
	input.Reshape([]int32{2, 16})
	fails(t, input.CopyFromCpuE(make([]int64, 32)), oarlock.ErrInvalidArgument, "input 'x'", "[]int64", "[]float32")
	fails(t, input.CopyFromCpuE([][]float32{make([]float32, 32)}), oarlock.ErrInvalidArgument, "[][]float32")
	fails(t, input.CopyFromCpuE(nil), oarlock.ErrInvalidArgument, "<nil>")
	fails(t, input.CopyFromCpuE(make([]float32, 31)), oarlock.ErrInvalidArgument, "31", "[2,16]", "32")
	fails(t, input.Err(), oarlock.ErrInvalidArgument, "31")
	fails(t, output.ReshapeE([]int32{2, 4}), oarlock.ErrInvalidArgument, "only inputs")
	fails(t, output.CopyFromCpuE(make([]float32, 8)), oarlock.ErrInvalidArgument, "only inputs")
	if err := input.CopyFromCpuE(make([]float32, 100)); err != nil || input.Err() != nil {
		t.Errorf("a longer slice gives %v; its beginning is enough", err)
	}
	if err := predictor.RunE(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestSizeThatTheModelDoesNotTakeFailsTheRun(t *testing.T) {
	predictor := mlp(t)
	logged(t)
	input, _ := handles(predictor)
	input.Reshape([]int32{1, 17})
	input.CopyFromCpu(make([]float32, 17))
	fails(t, predictor.RunE(context.Background()), oarlock.ErrInvalidArgument, "'x'", "17")
}

func TestFailedRunLeavesNothingToRead(t *testing.T) {
	predictor := mlp(t)
	input, output := handles(predictor)
	early := []float32{7}
	fails(t, output.CopyToCpuE(early), oarlock.ErrFailedPrecondition, "output", "no run")
	if !slices.Equal(early, []float32{7}) || !slices.Equal(output.Shape(), []int32{0, 4}) {
		t.Errorf("before the first run: %v of shape %v", early, output.Shape())
	}
	expect(t, predict(t, predictor, file("paddle/mlp")), file("paddle/mlp"))

	log := logged(t)
	input.Reshape([]int32{2, 16}) // as it is; what it held must not pass for what it was to hold
	input.CopyFromCpu([]int64{1})
	predictor.Run()
	if !strings.Contains(log.String(), "CopyFromCpu failed") || !strings.Contains(log.String(), "Run failed") {
		t.Errorf("the log is %q", log)
	}
	result := []float32{1, 2, 3, 4, 5, 6, 7, 8}
	output.CopyToCpu(result)
	if !slices.Equal(result, make([]float32, 8)) || !slices.Equal(output.Shape(), []int32{0, 4}) {
		t.Errorf("after the run that failed there is %v of shape %v to read", result, output.Shape())
	}
	expect(t, predict(t, predictor, file("paddle/mlp")), file("paddle/mlp"))
	if predictor.Err() != nil {
		t.Errorf("after a run that succeeded the error is %v", predictor.Err())
	}
}

func TestWhatOutputsRefuse(t *testing.T) {
	predictor := mlp(t)
	log := logged(t)
	answers := predict(t, predictor, file("paddle/mlp"))
	_, output := handles(predictor)
	short := []float32{9, 9}
	output.CopyToCpu(short)
	fails(t, output.Err(), oarlock.ErrInvalidArgument, "output 'save_infer_model/scale_0.tmp_0'", "slice of 2", "[2,4]", "8")
	if !slices.Equal(short, []float32{0, 0}) {
		t.Errorf("the short slice holds %v; want it cleared", short)
	}
	output.CopyToCpu([]int32{1})
	fails(t, output.Err(), oarlock.ErrInvalidArgument, "[]int32", "[]float32")
	output.CopyToCpu(3)
	fails(t, output.Err(), oarlock.ErrInvalidArgument, "int")
	long := make([]float32, 10)
	long[8] = 5
	output.CopyToCpu(long)
	if output.Err() != nil || long[8] != 5 || !slices.Equal(long[:8], answers[0].data.([]float32)) {
		t.Errorf("the long slice holds %v (%v)", long, output.Err())
	}
	if lines := strings.Count(log.String(), "CopyToCpu failed"); lines != 3 {
		t.Errorf("%d failures were logged; want 3: %s", lines, log)
	}
}

func TestRunEEndsWithItsContext(t *testing.T) {
	predictor := mlp(t)
	predict(t, predictor, file("paddle/mlp"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	fails(t, predictor.RunE(ctx), context.Canceled)
	fails(t, predictor.Err(), oarlock.ErrCancelled)
}

func TestClosedPredictor(t *testing.T) {
	predictor := mlp(t)
	clone := predictor.Clone()
	input, output := handles(predictor)
	predict(t, predictor, file("paddle/mlp"))
	for range 2 {
		if err := predictor.Close(); err != nil {
			t.Fatal(err)
		}
	}
	fails(t, predictor.Err(), oarlock.ErrClosed)
	fails(t, predictor.RunE(context.Background()), oarlock.ErrFailedPrecondition)
	fails(t, input.ReshapeE([]int32{1, 16}), oarlock.ErrClosed)
	fails(t, output.CopyToCpuE(make([]float32, 8)), oarlock.ErrClosed)
	_, err := predictor.CloneE()
	fails(t, err, oarlock.ErrClosed)
	expect(t, predict(t, clone, file("paddle/mlp")), file("paddle/mlp"))
	clone.Close()
}
