package paddlecompat_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	paddle "github.com/oarlock/oarlock/go/paddlecompat"
)

func numElements(shape []int32) int32 {
	n := int32(1)
	for _, v := range shape {
		n *= v
	}
	return n
}

// predict is a program of the old API, with nothing in it that the old API has not. It runs a model on its example.
func predict(t testing.TB, predictor *paddle.Predictor, example string) []array {
	t.Helper()
	for _, name := range predictor.GetInputNames() {
		in := readArray(t, filepath.Join(example, "in."+name+".npy"))
		handle := predictor.GetInputHandle(name)
		handle.Reshape(in.shape)
		handle.CopyFromCpu(in.data)
	}
	predictor.Run()
	var outputs []array
	for _, name := range predictor.GetOutputNames() {
		handle := predictor.GetOutputHandle(name)
		out := array{shape: handle.Shape()}
		switch handle.Type() {
		case paddle.Float32:
			out.data = make([]float32, numElements(out.shape))
		case paddle.Int64:
			out.data = make([]int64, numElements(out.shape))
		}
		handle.CopyToCpu(out.data)
		outputs = append(outputs, out)
	}
	return outputs
}

// expect compares with what Paddle itself computed: integers exactly, floats to 1e-5 of the largest.
func expect(t testing.TB, got []array, example string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(example, "out.*.npy"))
	if err != nil || len(files) != len(got) || len(got) == 0 {
		t.Fatalf("%d outputs; Paddle has %d (%v)", len(got), len(files), err)
	}
	for i := range got {
		want := readArray(t, filepath.Join(example, "out."+strconv.Itoa(i)+".npy"))
		if !slices.Equal(got[i].shape, want.shape) {
			t.Fatalf("output %d is of shape %v; want %v", i, got[i].shape, want.shape)
		}
		if floats, ok := want.data.([]float32); ok {
			expectFloats(t, got[i].data.([]float32), floats)
		} else if !slices.Equal(got[i].data.([]int64), want.data.([]int64)) {
			t.Errorf("output %d is %v; want %v", i, got[i].data, want.data)
		}
	}
}

func expectFloats(t testing.TB, got, want []float32) {
	t.Helper()
	largest := 0.0
	for _, w := range want {
		largest = max(largest, math.Abs(float64(w)))
	}
	for i, w := range want {
		if difference := math.Abs(float64(got[i] - w)); !(difference <= 1e-5*largest) {
			t.Fatalf("element %d is %v; want %v", i, got[i], w)
		}
	}
}

func TestProgramOfTheOldAPIAnswersAsPaddle(t *testing.T) {
	needLibrary(t)
	for _, model := range []struct{ example, prog, params string }{
		{"paddle/mlp", "inference.pdmodel", "inference.pdiparams"},
		{"paddle/lenet", "inference.pdmodel", "inference.pdiparams"},
		{"paddle_forms/legacy_static", "inference.pdmodel", "inference.pdiparams"},
		{"paddle_forms/legacy_old_names", "__model__", "__params__"},
		{"paddle_forms/legacy_no_parameters", "inference.pdmodel", ""},
		{"paddle_forms/pir_layer", "inference.json", "inference.pdiparams"},
		{"paddle_forms/pir_static", "inference.json", "inference.pdiparams"},
		{"paddle_forms/pir_readable", "inference.json", ""},
		{"paddle_architectures/lenet", "pir33.json", "pir33.pdiparams"},
		{"paddle_architectures/dynamic_shape", "legacy26.pdmodel", "legacy26.pdiparams"},
		{"paddle_architectures/dynamic_shape", "pir33.json", "pir33.pdiparams"},
		{"paddle_architectures/transformer", "pir33.json", "pir33.pdiparams"},
	} {
		t.Run(model.example+"/"+model.prog, func(t *testing.T) {
			config := paddle.NewConfig()
			params := ""
			if model.params != "" {
				params = file(model.example, model.params)
			}
			config.SetModel(file(model.example, model.prog), params)
			config.EnableMemoryOptim(true)
			config.EnableMKLDNN()
			config.SetCpuMathLibraryNumThreads(1)
			predictor := paddle.NewPredictor(config)
			if err := predictor.Err(); err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second run is into what the first one left
				expect(t, predict(t, predictor, file(model.example)), file(model.example))
			}
		})
	}
}

func TestModelOfSeparateFilesIsADirectory(t *testing.T) {
	needLibrary(t)
	for _, form := range []string{"legacy_separate", "pir_separate"} {
		config := paddle.NewConfig()
		config.SetModelDir(file("paddle_forms", form))
		expect(t, predict(t, paddle.NewPredictor(config), file("paddle_forms", form)), file("paddle_forms", form))
	}
}

func TestModelOfOtherFileNamesIsToldByItsBeginning(t *testing.T) {
	needLibrary(t)
	for example, prog := range map[string]string{"paddle/mlp": "inference.pdmodel", "paddle_forms/pir_static": "inference.json"} {
		directory := t.TempDir()
		for from, to := range map[string]string{prog: "net.model", "inference.pdiparams": "weights.bin"} {
			if err := os.WriteFile(filepath.Join(directory, to), []byte(content(t, file(example, from))), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		config := paddle.NewConfig()
		config.SetProgFile(filepath.Join(directory, "net.model"))
		config.SetParamsFile(filepath.Join(directory, "weights.bin"))
		predictor := paddle.NewPredictor(config)
		if err := predictor.Err(); err != nil {
			t.Fatal(err)
		}
		if name := predictor.Oarlock().Model().Name; name != "net" {
			t.Errorf("the model is called %q; want net", name)
		}
		expect(t, predict(t, predictor, file(example)), file(example))
	}
}

func TestModelFromBuffers(t *testing.T) {
	needLibrary(t)
	for example, prog := range map[string]string{"paddle/lenet": "inference.pdmodel", "paddle_forms/pir_static": "inference.json"} {
		config := paddle.NewConfig()
		config.SetModelBuffer(content(t, file(example, prog)), content(t, file(example, "inference.pdiparams")))
		expect(t, predict(t, paddle.NewPredictor(config), file(example)), file(example))
	}
}

func content(t testing.TB, path string) string {
	t.Helper()
	bytes, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes)
}
