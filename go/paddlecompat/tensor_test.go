package paddlecompat_test

import (
	"context"
	"slices"
	"testing"

	"github.com/oarlock/oarlock/go/oarlock"
	paddle "github.com/oarlock/oarlock/go/paddlecompat"
)

func TestTensorsTellWhatTheyAre(t *testing.T) {
	needLibrary(t)
	config := paddle.NewConfig()
	config.SetModel(file("paddle_architectures/dynamic_shape/pir33.json"), "")
	predictor := paddle.NewPredictor(config)
	defer predictor.Close()
	index := predictor.GetInputHandle("index")
	if index.Type() != paddle.Int64 || index.DType() != oarlock.Int64 || index.Name() != "index" {
		t.Errorf("it is %v %v %q", index.Type(), index.DType(), index.Name())
	}
	if predictor.GetInputHandle("index") != index {
		t.Error("a second handle of a name is another tensor")
	}
	if in, out := predictor.GetInputNum(), predictor.GetOutputNum(); in != 2 || out != 4 {
		t.Errorf("it has %d inputs and %d outputs; want 2 and 4", in, out)
	}
	if types := predictor.GetOutputHandle(predictor.GetOutputNames()[3]).Type(); types != paddle.Int64 {
		t.Errorf("the last output is of %v; want Int64", types)
	}
	names := predictor.GetInputNames()
	names[0] = "changed"
	if predictor.GetInputNames()[0] == "changed" {
		t.Error("the names are not the caller's")
	}
}

func TestReshape(t *testing.T) {
	predictor := mlp(t)
	input, output := handles(predictor)
	if shape := input.Shape(); !slices.Equal(shape, []int32{0, 16}) {
		t.Errorf("before Reshape the shape is %v; want that of the model, with 0 for any", shape)
	}
	ones := slices.Repeat([]float32{1}, 8*16)
	result := make([]float32, 8*4)
	var first []float32
	for _, rows := range []int32{2, 8, 1, 0, 3} { // into larger memory, and into a part of it
		input.Reshape([]int32{rows, 16})
		if err := predictor.RunE(context.Background()); err == nil {
			t.Fatalf("%d rows: a run without new elements succeeds", rows)
		}
		input.CopyFromCpu(ones)
		if err := predictor.RunE(context.Background()); err != nil {
			t.Fatalf("%d rows: %v", rows, err)
		}
		output.CopyToCpu(result)
		if shape := output.Shape(); !slices.Equal(shape, []int32{rows, 4}) || output.Err() != nil {
			t.Errorf("%d rows: the output is of shape %v (%v)", rows, shape, output.Err())
		}
		if first == nil {
			first = slices.Clone(result[:4])
		}
		for row := range int(rows) {
			expectFloats(t, result[row*4:][:4], first)
		}
	}
}

func TestReshapeToTheSameSizeKeepsTheElements(t *testing.T) {
	predictor := mlp(t)
	input, _ := handles(predictor)
	data := make([]float32, 32)
	for i := range data {
		data[i] = float32(i)
	}
	input.Reshape([]int32{2, 16})
	input.CopyFromCpu(data)
	input.Reshape([]int32{32})
	kept := make([]float32, 32)
	if err := input.CopyToCpuE(kept); err != nil || !slices.Equal(kept, data) {
		t.Errorf("%v (%v)", kept, err)
	}
}

func TestCopyFromCpuCopies(t *testing.T) {
	predictor := mlp(t)
	input, output := handles(predictor)
	example := readArray(t, file("paddle/mlp/in.x.npy"))
	data := example.data.([]float32)
	input.Reshape(example.shape)
	input.CopyFromCpu(data)
	clear(data)
	predictor.Run()
	result := make([]float32, 8)
	output.CopyToCpu(result)
	expectFloats(t, result, readArray(t, file("paddle/mlp/out.0.npy")).data.([]float32))
}

func TestInputOfFixedDimsNeedsNoReshape(t *testing.T) {
	needLibrary(t)
	config := paddle.NewConfig()
	config.SetModel(file("paddle_forms/pir_static/inference.json"), "")
	predictor := paddle.NewPredictor(config)
	defer predictor.Close()
	factor := predictor.GetInputHandle("factor")
	if err := factor.CopyFromCpuE([]float32{2}); err != nil || !slices.Equal(factor.Shape(), []int32{1}) {
		t.Errorf("shape %v (%v)", factor.Shape(), err)
	}
}

func TestLodIsKept(t *testing.T) {
	input, output := handles(mlp(t))
	if lod := output.Lod(); lod == nil || len(lod) != 0 {
		t.Errorf("the output's is %v", lod)
	}
	lod := [][]uint{{0, 1, 2}, {0, 3}}
	input.SetLod(lod)
	lod[0][0] = 9
	if kept := input.Lod(); len(kept) != 2 || !slices.Equal(kept[0], []uint{0, 1, 2}) || !slices.Equal(kept[1], []uint{0, 3}) {
		t.Errorf("it is %v", kept)
	}
}

// Nothing of the size of tensors: two slices become an interface{}, as they did in the old API, and four times package oarlock
// tells where an output lies whose size the model leaves open.
func TestRunsAllocateLittle(t *testing.T) {
	predictor := mlp(t)
	input, output := handles(predictor)
	data, result, shape := make([]float32, 32), make([]float32, 8), []int32{2, 16}
	allocations := testing.AllocsPerRun(50, func() {
		input.Reshape(shape)
		input.CopyFromCpu(data)
		predictor.Run()
		output.CopyToCpu(result)
	})
	if allocations > 6 {
		t.Errorf("%v allocations; want 6", allocations)
	}
}

func BenchmarkRun(b *testing.B) {
	predictor := mlp(b)
	input, output := handles(predictor)
	data, result, shape := make([]float32, 32), make([]float32, 8), []int32{2, 16}
	b.ReportAllocs()
	for b.Loop() {
		input.Reshape(shape)
		input.CopyFromCpu(data)
		predictor.Run()
		output.CopyToCpu(result)
	}
}
