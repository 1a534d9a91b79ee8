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

// open is what of a kind was not closed, and lost is what Go collected and package oarlock had to close.
func open(kind string) (open, lost int64) {
	for _, leak := range oarlock.Leaks() {
		if leak.Kind == kind {
			return leak.Open, leak.Lost
		}
	}
	return 0, 0
}

var kinds = []string{"tensor", "runner", "predictor", "runtime"}

func counts() (open_, lost []int64) {
	for _, kind := range kinds {
		o, l := open(kind)
		open_, lost = append(open_, o), append(lost, l)
	}
	return open_, lost
}

func TestCloseReleasesAll(t *testing.T) {
	needLibrary(t)
	before, _ := counts()
	config := paddle.NewConfig()
	config.SetModel(file("paddle_forms/pir_static/inference.json"), "")
	config.SetOptimCacheDir(t.TempDir())
	first := paddle.NewPredictor(config)
	second := paddle.NewPredictor(config)
	clone := first.Clone()
	for _, p := range []*paddle.Predictor{first, second, clone} {
		predict(t, p, file("paddle_forms/pir_static"))
		input := p.GetInputHandle("x")
		input.Reshape([]int32{5, 3, 6, 6}) // the tensor before it is closed, too
		input.CopyFromCpu(make([]float32, 5*3*6*6))
		p.Run()
	}
	if runtimes, _ := open("runtime"); runtimes != before[3]+1 {
		t.Errorf("%d runtimes are open; want that one is shared", runtimes-before[3])
	}
	for _, p := range []*paddle.Predictor{first, second, clone} {
		p.Close()
	}
	if after, _ := counts(); !slices.Equal(after, before) {
		t.Errorf("open of %v: %v; before it was %v", kinds, after, before)
	}
}

func TestWhatNobodyRefersToIsReleased(t *testing.T) {
	needLibrary(t)
	before, lostBefore := counts()
	func() {
		config := paddle.NewConfig()
		config.SetModel(file("paddle/mlp/inference.pdmodel"), "")
		predictor := paddle.NewPredictor(config)
		predict(t, predictor, file("paddle/mlp"))
		predict(t, predictor.Clone(), file("paddle/mlp"))
	}()
	after, lost := counts()
	for tries := 0; tries < 1000 && !slices.Equal(after, before); tries++ {
		runtime.GC()
		runtime.Gosched()
		after, lost = counts()
	}
	if !slices.Equal(after, before) || !slices.Equal(lost, lostBefore) {
		t.Errorf("open of %v: %v; before it was %v; lost: %v; before it was %v", kinds, after, before, lost, lostBefore)
	}
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
