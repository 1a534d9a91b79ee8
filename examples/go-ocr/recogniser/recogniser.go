// Package recogniser reads the number off a picture of a waybill, with Oarlock.
package recogniser

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/oarlock/oarlock/go/oarlock"
)

// Options are how the model is loaded. The zero value but for Model is right for most programs.
type Options struct {
	// Model is the model's directory.
	Model string
	// Library is the path of liboarlock.so; "" = beside the program, then where the system looks.
	Library string
	// Engine is "onnxruntime" or "openvino"; "" = the first that loads the model.
	Engine string
	// Executions is the pictures read at once; 0 = one for each core. Others wait for their turn.
	Executions int
	// BatchMax is the pictures that are read in one run of the model when several wait for their turn; 0 or 1 = each alone.
	BatchMax int
	// Logger gets what the library has to say; nil = slog.Default().
	Logger *slog.Logger
}

// Reading is what was read.
type Reading struct {
	// Number is the digits, from the left; "" if none were seen.
	Number string
	// Confidence is the mean probability of the digits, 0 to 1.
	Confidence float32
}

// Recogniser is a loaded model. Any number of goroutines may use it at once.
type Recogniser struct {
	runtime   *oarlock.Runtime
	predictor *oarlock.Predictor
	// text and confidence are the outputs' places in what the model answers.
	text, confidence int
}

// Open loads the model. Close what it returns.
func Open(options Options) (*Recogniser, error) {
	runtime, err := oarlock.NewRuntime(oarlock.RuntimeOptions{Library: options.Library, Logger: options.Logger})
	if err != nil {
		return nil, err
	}
	r := &Recogniser{runtime: runtime}
	load := oarlock.LoadOptions{Engine: options.Engine, Executions: options.Executions}
	if options.BatchMax > 1 {
		load.Batching = &oarlock.Batching{MaxBatchSize: options.BatchMax}
	}
	r.predictor, err = runtime.Load(options.Model, load)
	if err == nil {
		err = r.findPorts()
	}
	if err != nil {
		r.Close()
		return nil, fmt.Errorf("model %s: %w", options.Model, err)
	}
	return r, nil
}

// findPorts refuses models of another kind now, and not at the first request.
func (r *Recogniser) findPorts() (err error) {
	model := r.predictor.Model()
	if len(model.Inputs) != 1 || !model.Inputs[0].TakesPictures {
		return fmt.Errorf("its inputs are %v; it should have one, of encoded pictures", model.Inputs)
	}
	if r.text, err = model.Output("text"); err != nil {
		return err
	}
	r.confidence, err = model.Output("confidence")
	return err
}

// Model is what was loaded. Not to be changed.
func (r *Recogniser) Model() *oarlock.Model { return r.predictor.Model() }

// Read reads a picture, a PNG or JPEG file's bytes, which are not kept. When ctx ends, so does it, with the context's error.
func (r *Recogniser) Read(ctx context.Context, picture []byte) (Reading, error) {
	input, err := oarlock.NewStrings(nil, [][]byte{picture})
	if err != nil {
		return Reading{}, err
	}
	defer input.Close()
	outputs, err := r.predictor.Predict(ctx, input)
	if err != nil {
		return Reading{}, err
	}
	defer closeAll(outputs)
	texts, ok := outputs[r.text].(*oarlock.Strings)
	if !ok || texts.Len() != 1 {
		return Reading{}, fmt.Errorf("output 'text' is %v%v; one text was expected", outputs[r.text].DType(), outputs[r.text].Shape())
	}
	confidences, err := oarlock.DataOf[float32](outputs[r.confidence])
	if err == nil && len(confidences) != 1 {
		err = fmt.Errorf("output 'confidence' has %d numbers; one was expected", len(confidences))
	}
	if err != nil {
		return Reading{}, err
	}
	return Reading{Number: texts.At(0), Confidence: confidences[0]}, nil
}

// Close lets go of the model; readings under way go on to their end. Closing twice is no error.
func (r *Recogniser) Close() {
	if r.predictor != nil {
		r.predictor.Close()
	}
	r.runtime.Close()
}

func closeAll(values []oarlock.Value) {
	for _, value := range values {
		value.Close()
	}
}
