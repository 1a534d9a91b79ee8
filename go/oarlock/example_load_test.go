package oarlock_test

import (
	"fmt"
	"log"
	"time"

	"github.com/oarlock/oarlock/go/oarlock"
	"github.com/oarlock/oarlock/go/oarlocktest"
)

// Most programs need no more than this: the library is found, and its runtime made, when the first model is loaded. This
// one goes on without its model.
func ExampleLoad() {
	p, err := oarlock.Load("recommendations.onnx", oarlock.LoadOptions{})
	switch oarlock.CodeOf(err) {
	case oarlock.OK:
		defer p.Close()
		fmt.Println(p.Model().Name, "is loaded")
	case oarlock.NotFound, oarlock.Unimplemented: // no such file, no library, or a program without cgo
		fmt.Println("no recommendations today")
	default:
		log.Fatal(err)
	}
	// Output: no recommendations today
}

// A path that is wrong shows in the error, not at the first request.
func ExampleRuntime_Load() {
	rt, err := oarlocktest.NewRuntime(models)
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	p, err := rt.Load("digits.onnx", oarlock.LoadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	fmt.Println("loaded:", p.Model().Inputs[0].Shape)
	_, err = rt.Load("digit.onnx", oarlock.LoadOptions{})
	fmt.Println("not loaded:", oarlock.CodeOf(err))
	// Output:
	// loaded: [-1,784]
	// not loaded: NOT_FOUND
}

// A model that came over the network, or that go:embed put into the program, needs no file. This one is a text for the
// fake engine, which programs use in tests; with an ONNX model, Format may be left out.
func ExampleRuntime_LoadBytes() {
	embedded := []byte("input x FP32 -1,4\noutput y FP32 -1,4\nop double\n")
	rt, err := oarlocktest.NewRuntime(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	p, err := rt.LoadBytes(embedded, nil, oarlock.LoadOptions{Name: "doubler", Engine: "fake", Format: oarlock.FormatFake})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	fmt.Println(p.Model().Name, p.Model().Inputs[0].Shape)
	// Output: doubler [-1,4]
}

// A server that has four cores for this model: four requests at once, one thread each. Fewer and wider runs would be
// quicker for one caller, and slower for many.
func ExampleLoadOptions() {
	rt, err := oarlocktest.NewRuntime(models)
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	p, err := rt.Load("digits.onnx", oarlock.LoadOptions{
		Name:       "digits",
		Executions: 4,
		Threads:    1,
		Progress:   func(phase string) { fmt.Println("loading:", phase) },
	})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	fmt.Println(p.Model().Name, "runs", p.Model().Executions, "at once")
	// Output:
	// loading: compile
	// digits runs 4 at once
}

// Requests that come within 2 ms of each other share a run of at most 32 rows: a little later each, many more a second.
func ExampleBatching() {
	rt, err := oarlocktest.NewRuntime(models)
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	p, err := rt.Load("digits.onnx", oarlock.LoadOptions{
		Batching: &oarlock.Batching{MaxBatchSize: 32, MaxDelay: 2 * time.Millisecond},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	fmt.Println(p.Model().MaxBatchSize, "rows a run")
	// Output: 32 rows a run
}

// Without a wish for another, the arithmetic is float32 on every engine: the answers are those that the model was tested
// with.
func ExamplePrecision() {
	rt, err := oarlocktest.NewRuntime(models)
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	p, err := rt.Load("digits.onnx", oarlock.LoadOptions{Precision: oarlock.PrecisionAuto})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	fmt.Println(p.Model().Precision == oarlock.PrecisionF32)
	// Output: true
}

// A model in memory has no name that tells its format. Where its beginning does not either, the options do.
func ExampleFormat() {
	rt, err := oarlocktest.NewRuntime(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	script := []byte("input x FP32 1\noutput y FP32 1\n")
	p, err := rt.LoadBytes(script, nil, oarlock.LoadOptions{Engine: "fake", Format: oarlock.FormatFake})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	fmt.Println(p.Model().Format == oarlock.FormatFake)
	// Output: true
}

// A metric's label.
func ExampleFormat_String() {
	fmt.Printf("models_loaded{format=%q} 1\n", oarlock.FormatPaddlePIR)
	// Output: models_loaded{format="paddle_pir"} 1
}
