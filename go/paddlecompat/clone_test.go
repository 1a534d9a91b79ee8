package paddlecompat_test

import (
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/oarlock/oarlock/go/oarlock"
	paddle "github.com/oarlock/oarlock/go/paddlecompat"
)

// More clones than runs fit into the machine at once, none of which gives its answer back before all have run.
func TestClonesInGoroutines(t *testing.T) {
	predictor := mlp(t)
	example := readArray(t, file("paddle/mlp/in.x.npy")).data.([]float32)
	want := readArray(t, file("paddle/mlp/out.0.npy")).data.([]float32)
	var clones []*paddle.Predictor
	for range 2*predictor.Oarlock().Model().Executions + 3 {
		clones = append(clones, predictor.Clone())
	}
	results := make([][]float32, len(clones))
	var all sync.WaitGroup
	for i, clone := range clones {
		all.Add(1)
		go func() {
			defer all.Done()
			input, output := handles(clone)
			rows := 1 + i%2
			for range 20 {
				input.Reshape([]int32{int32(rows), 16})
				input.CopyFromCpu(example)
				clone.Run()
				results[i] = make([]float32, rows*4)
				output.CopyToCpu(results[i])
			}
		}()
	}
	all.Wait()
	for i, result := range results {
		if clones[i].Err() != nil {
			t.Error(clones[i].Err())
		}
		expectFloats(t, result, want[:len(result)])
		clones[i].Close()
	}
}

// It is of no use, but it is no crash either.
func TestOnePredictorInGoroutines(t *testing.T) {
	predictor := mlp(t)
	input, output := handles(predictor)
	ones := slices.Repeat([]float32{1}, 32)
	var all sync.WaitGroup
	for range 4 {
		all.Add(1)
		go func() {
			defer all.Done()
			for range 20 {
				input.Reshape([]int32{2, 16})
				input.CopyFromCpu(ones)
				predictor.Run()
				output.CopyToCpu(make([]float32, 8))
			}
		}()
	}
	all.Wait()
	if predictor.Err() != nil {
		t.Error(predictor.Err())
	}
}

// leaks are what was not closed, of each kind; lost is what package oarlock had to close.
func leaks() (open map[string]int64, lost int64) {
	open = map[string]int64{}
	for _, leak := range oarlock.Leaks() {
		if leak.Open > 0 {
			open[leak.Kind] = leak.Open
		}
		lost += leak.Lost
	}
	return open, lost
}

// settle collects what tests left, and fails if something stays, or was not closed by this package.
func settle(t testing.TB) {
	t.Helper()
	open, lost := leaks()
	for tries := 0; tries < 1000 && len(open) > 0; tries++ {
		runtime.GC()
		runtime.Gosched()
		open, lost = leaks()
	}
	if len(open) > 0 || lost > 0 {
		t.Fatalf("open: %v; lost: %d; want nothing", open, lost)
	}
}

func TestCloseReleasesAll(t *testing.T) {
	needLibrary(t)
	settle(t)
	config := paddle.NewConfig()
	config.SetModel(file("paddle_forms/pir_static/inference.json"), "")
	config.SetOptimCacheDir(t.TempDir())
	first := paddle.NewPredictor(config)
	second := paddle.NewPredictor(config)
	predictors := []*paddle.Predictor{first, second, first.Clone()}
	for _, p := range predictors {
		predict(t, p, file("paddle_forms/pir_static"))
		input := p.GetInputHandle("x")
		input.Reshape([]int32{5, 3, 6, 6}) // the tensor before it is closed, too
		input.CopyFromCpu(make([]float32, 5*3*6*6))
		p.Run()
	}
	if open, _ := leaks(); open["runtime"] != 1 || open["predictor"] != 2 || open["runner"] != 3 {
		t.Errorf("open: %v; want one runtime, two models and three runners", open)
	}
	for _, p := range predictors {
		p.Close()
	}
	if open, lost := leaks(); len(open) > 0 || lost > 0 {
		t.Errorf("open: %v; lost: %d; want nothing", open, lost)
	}
	runtime.KeepAlive(predictors)
}

func TestWhatNobodyRefersToIsReleased(t *testing.T) {
	needLibrary(t)
	func() {
		config := paddle.NewConfig()
		config.SetModel(file("paddle/mlp/inference.pdmodel"), "")
		predictor := paddle.NewPredictor(config)
		predict(t, predictor, file("paddle/mlp"))
		predict(t, predictor.Clone(), file("paddle/mlp"))
	}()
	settle(t)
}

func TestTensorKeepsItsPredictor(t *testing.T) {
	needLibrary(t)
	input, output := func() (*paddle.Tensor, *paddle.Tensor) {
		config := paddle.NewConfig()
		config.SetModel(file("paddle/mlp/inference.pdmodel"), "")
		predictor := paddle.NewPredictor(config)
		predict(t, predictor, file("paddle/mlp"))
		return handles(predictor)
	}()
	for range 5 {
		runtime.GC()
	}
	result := make([]float32, 8)
	output.CopyToCpu(result)
	expectFloats(t, result, readArray(t, file("paddle/mlp/out.0.npy")).data.([]float32))
	if err := input.ReshapeE([]int32{1, 16}); err != nil {
		t.Error(err)
	}
}
