package oarlock_test

import (
	"context"
	"testing"

	"github.com/oarlock/oarlock/go/oarlock"
)

func TestInferWritesIntoOutputsAndMakesThoseThatAreNil(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		for _, text := range []string{addScript, addScript + "dynamic_output\n"} {
			p := script(t, rt, text)
			x := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
			y := tensor(t, oarlock.Shape{1, 16}, make([]float32, 16))
			outputs := []oarlock.Value{y}
			check(t, p.Infer(context.Background(), []oarlock.Value{x}, outputs))
			equal(t, y.Data(), numbers(16, 1))
			if outputs[0] != oarlock.Value(y) {
				t.Error("the output was replaced")
			}
			outputs[0] = nil
			check(t, p.Infer(context.Background(), []oarlock.Value{x}, outputs))
			made, err := oarlock.DataOf[float32](outputs[0])
			check(t, err)
			equal(t, made, numbers(16, 1))
			if !outputs[0].Shape().Equal(oarlock.Shape{1, 16}) {
				t.Errorf("the shape is %v", outputs[0].Shape())
			}
			check(t, outputs[0].Close())
		}
	})
}

func TestInferTakesEveryNumberOfRows(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, addRowsScript)
		for _, rows := range []int64{0, 1, 3, 100} {
			x := tensor(t, oarlock.Shape{rows, 4}, numbers(int(4*rows), 0))
			outputs, err := p.Predict(context.Background(), x)
			check(t, err)
			got, err := oarlock.DataOf[float32](outputs[0])
			check(t, err)
			equal(t, got, numbers(int(4*rows), 1))
			outputs[0].Close()
		}
	})
}

func TestInferSaysWhatIsWrongWithItsTensors(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, addScript)
		x := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		y := tensor(t, oarlock.Shape{1, 16}, make([]float32, 16))
		short := tensor(t, oarlock.Shape{1, 15}, make([]float32, 15))
		whole := tensor(t, oarlock.Shape{1, 16}, make([]int32, 16))
		flat := tensor(t, oarlock.Shape{16}, make([]float32, 16))
		empty := tensor(t, oarlock.Shape{0, 16}, []float32{})
		var none *oarlock.Tensor[float32]
		closed := oarlock.FromSlice(make([]float32, 16))
		check(t, closed.Close())
		type values = []oarlock.Value
		for _, of := range []struct {
			inputs, outputs values
			code            oarlock.Code
			words           string
		}{
			{nil, values{y}, oarlock.InvalidArgument, "0 inputs; model 'model' has 1"},
			{values{x, x}, values{y}, oarlock.InvalidArgument, "2 inputs; model 'model' has 1"},
			{values{x}, nil, oarlock.InvalidArgument, "0 outputs; model 'model' has 1"},
			{values{nil}, values{y}, oarlock.InvalidArgument, "input 0 ('x') is nil"},
			{values{none}, values{y}, oarlock.InvalidArgument, "input 0 ('x') is nil"},
			{values{x}, values{none}, oarlock.InvalidArgument, "output 0 ('y') is a nil pointer"},
			{values{short}, values{y}, oarlock.InvalidArgument, "input 'x' has shape [1,16] (-1 is any); the tensor has [1,15]"},
			{values{flat}, values{y}, oarlock.InvalidArgument, "the tensor has [16]"},
			{values{empty}, values{y}, oarlock.InvalidArgument, "the tensor has [0,16]"},
			{values{whole}, values{y}, oarlock.InvalidArgument, "input 'x' is FP32; the tensor is INT32"},
			{values{x}, values{whole}, oarlock.InvalidArgument, "output 'y' is FP32; the tensor is INT32"},
			{values{x}, values{short}, oarlock.InvalidArgument, "the tensor has [1,15]"},
			{values{closed}, values{y}, oarlock.FailedPrecondition, "the tensor was closed"},
			{values{x}, values{closed}, oarlock.FailedPrecondition, "the tensor was closed"},
		} {
			fails(t, p.Infer(context.Background(), of.inputs, of.outputs), of.code, of.words)
			check(t, p.Infer(context.Background(), values{x}, values{y}))
		}
		var nobody *oarlock.Predictor
		fails(t, nobody.Infer(context.Background(), nil, nil), oarlock.InvalidArgument, "no predictor")
	})
}

func TestAFailedRunHasTheEnginesWords(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, addScript+"fail_run 2 DATA_LOSS the engine stumbled\n")
		x := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		for range 3 {
			outputs, err := p.Predict(context.Background(), x)
			check(t, err)
			outputs[0].Close()
			outputs, err = p.Predict(context.Background(), x)
			fails(t, err, oarlock.DataLoss, "the engine stumbled")
			if outputs != nil {
				t.Error("outputs of a failed run")
			}
		}
		_, err := rt.LoadBytes([]byte(addScript+"fail_load UNAVAILABLE not now\n"), nil, oarlock.LoadOptions{Engine: "fake", Format: oarlock.FormatFake})
		fails(t, err, oarlock.Unavailable, "not now")
	})
}

func TestGoAnswersInTheBackground(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, addScript)
		x := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		result := <-p.Go(context.Background(), x)
		check(t, result.Err)
		got, err := oarlock.DataOf[float32](result.Outputs[0])
		check(t, err)
		equal(t, got, numbers(16, 1))
		result.Outputs[0].Close()
		result = <-p.Go(context.Background())
		fails(t, result.Err, oarlock.InvalidArgument, "0 inputs")
		ctx, cancel := context.WithCancel(context.Background())
		slow := script(t, rt, slowScript)
		results := slow.Go(ctx, x)
		cancel()
		fails(t, (<-results).Err, oarlock.Cancelled, "canceled")
	})
}

// With batching, a request waits in the library's queue; the answers are the same.
func TestBatchedModelsAnswerTheSame(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		batching := &oarlock.Batching{MaxBatchSize: 8, Buckets: []int64{1, 2, 4, 8}}
		p := scriptWith(t, rt, addRowsScript, oarlock.LoadOptions{Executions: 1, Batching: batching})
		if got := p.Model().MaxBatchSize; got != 8 {
			t.Fatalf("batches of %d", got)
		}
		const callers = 20
		errs := make(chan error, callers)
		for i := range callers {
			go func() { errs <- addsOne(p, float32(100*i), i%2 == 0) }()
		}
		for range callers {
			check(t, <-errs)
		}
		short := tensor(t, oarlock.Shape{1, 3}, make([]float32, 3))
		_, err := p.Predict(context.Background(), short)
		fails(t, err, oarlock.InvalidArgument, "[1,3]")
		slow := scriptWith(t, rt, addRowsScript+"delay_us 60000000\n", oarlock.LoadOptions{Executions: 1, Batching: batching})
		ctx, cancel := context.WithCancel(context.Background())
		results := slow.Go(ctx, tensor(t, oarlock.Shape{1, 4}, make([]float32, 4)))
		cancel()
		fails(t, (<-results).Err, oarlock.Cancelled, "canceled")
	})
}

func addsOne(p *oarlock.Predictor, first float32, lend bool) error {
	x, err := oarlock.NewTensor(oarlock.Shape{2, 4}, numbers(8, first))
	if err != nil {
		return err
	}
	defer x.Close()
	outputs := []oarlock.Value{nil}
	if lend {
		if outputs[0], err = oarlock.NewTensor(oarlock.Shape{2, 4}, make([]float32, 8)); err != nil {
			return err
		}
	}
	if err := p.Infer(context.Background(), []oarlock.Value{x}, outputs); err != nil {
		return err
	}
	defer outputs[0].Close()
	got, err := oarlock.DataOf[float32](outputs[0])
	for i := range got {
		if got[i] != first+float32(i)+1 {
			return &oarlock.Error{Code: oarlock.Internal, Message: "a wrong answer"}
		}
	}
	return err
}

func TestModelsSayWhatTheyAre(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := scriptWith(t, rt, addRowsScript, oarlock.LoadOptions{Name: "adder", Version: 7, Executions: 2})
		m := p.Model()
		if m.Name != "adder" || m.Version != 7 || m.Engine != "fake" || m.Format != oarlock.FormatFake || m.Executions != 2 {
			t.Errorf("got %+v", m)
		}
		if x := m.Inputs[0]; x.Name != "x" || x.DType != oarlock.Float32 || !x.Shape.Equal(oarlock.Shape{-1, 4}) {
			t.Errorf("got %+v", x)
		}
		if len(m.Identity) != 64 {
			t.Errorf("the identity is %q", m.Identity)
		}
		if i, err := m.Output("y"); i != 0 || err != nil {
			t.Errorf("output y is %d, %v", i, err)
		}
		_, err := m.Input("y")
		fails(t, err, oarlock.NotFound, `model 'adder' has no input 'y'; it has ["x"]`)
	})
}

func TestStatisticsCountRuns(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, addScript+"fail_run 3 INTERNAL x\n")
		x := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		y := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		failed := 0
		for range 6 {
			if p.Infer(context.Background(), []oarlock.Value{x}, []oarlock.Value{y}) != nil {
				failed++
			}
		}
		s, err := p.Statistics()
		check(t, err)
		if s.Runs != 4 || s.Requests != 4 || s.Failed != 2 || failed != 2 {
			t.Errorf("%+v; %d failed", s, failed)
		}
	})
}

func TestCheckSaysWhetherATensorIsUsedWhereItLies(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, addScript)
		x := tensor(t, oarlock.Shape{1, 16}, numbers(16, 0))
		met, err := p.CheckInput(0, x)
		check(t, err)
		if met.Condition != oarlock.ConditionMet || met.Text != "" {
			t.Errorf("got %+v", met)
		}
		refused, err := p.CheckOutput(0, tensor(t, oarlock.Shape{1, 16}, make([]int32, 16)))
		check(t, err)
		if refused.Condition != oarlock.ConditionDType || !refused.IsRefused || refused.Wanted != int64(oarlock.Float32) || refused.Found != int64(oarlock.Int32) {
			t.Errorf("got %+v", refused)
		}
		_, err = p.CheckInput(1, x)
		fails(t, err, oarlock.OutOfRange, "input 1")
		_, err = p.CheckInput(-1, x)
		fails(t, err, oarlock.OutOfRange, "-1")
		_, err = p.CheckInput(0, nil)
		fails(t, err, oarlock.InvalidArgument, "no tensor")
	})
}
