package main

import (
	"github.com/oarlock/oarlock/bench/go/raw"
	onnxruntime "github.com/yalue/onnxruntime_go"
)

// theirs is the same model in package onnxruntime_go, with the settings that our engine uses.
type theirs struct {
	model     string
	options   *onnxruntime.SessionOptions
	dynamic   *onnxruntime.DynamicAdvancedSession
	names     [2][]string // of the inputs and of the outputs
	inDims    onnxruntime.Shape
	outDims   onnxruntime.Shape
	inputSize int
	kept      [][]onnxruntime.Value // tensors of sessions: those know only C's side of them, and Go would free their memory
}

func loadTheirs(library, model string, like *ours) (*theirs, error) {
	onnxruntime.SetSharedLibraryPath(library)
	if err := onnxruntime.InitializeEnvironment(); err != nil {
		return nil, err
	}
	options, err := onnxruntime.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	for _, set := range []func() error{
		func() error { return options.SetIntraOpNumThreads(1) },
		func() error { return options.SetInterOpNumThreads(1) },
		func() error { return options.SetMemPattern(false) },
	} {
		if err := set(); err != nil {
			return nil, err
		}
	}
	described := like.predictor.Model()
	t := &theirs{model: model, options: options, inDims: onnxruntime.Shape(like.in), outDims: onnxruntime.Shape(like.out)}
	t.names = [2][]string{{described.Inputs[0].Name}, {described.Outputs[0].Name}}
	t.inputSize = int(t.inDims.FlattenedSize())
	t.dynamic, err = onnxruntime.NewDynamicAdvancedSession(model, t.names[0], t.names[1], options)
	return t, err
}

func (t *theirs) tensors() (inputs, outputs []onnxruntime.Value, err error) {
	x, err := onnxruntime.NewEmptyTensor[float32](t.inDims)
	if err != nil {
		return nil, nil, err
	}
	y, err := onnxruntime.NewEmptyTensor[float32](t.outDims)
	return []onnxruntime.Value{x}, []onnxruntime.Value{y}, err
}

// session is one whose tensors are bound.
func (t *theirs) session() (*onnxruntime.AdvancedSession, error) {
	inputs, outputs, err := t.tensors()
	if err != nil {
		return nil, err
	}
	t.kept = append(t.kept, inputs, outputs)
	return onnxruntime.NewAdvancedSession(t.model, t.names[0], t.names[1], inputs, outputs, t.options)
}

// targets are the ways of its user, and C's beside them.
func (t *theirs) targets(library string) ([]target, error) {
	c, err := raw.OpenONNXRuntime(library, t.model)
	if err != nil {
		return nil, err
	}
	session, err := t.session()
	if err != nil {
		return nil, err
	}
	inputs, outputs, err := t.tensors()
	if err != nil {
		return nil, err
	}
	return []target{
		{theirsRaw, c.Run},
		{theirsAdvanced, func(count int) error {
			for range count {
				if err := session.Run(); err != nil {
					return err
				}
			}
			return nil
		}},
		{theirsDynamic, func(count int) error {
			for range count {
				if err := t.dynamic.Run(inputs, outputs); err != nil {
					return err
				}
			}
			return nil
		}},
		{theirsNew, t.newTensors},
	}, nil
}

func (t *theirs) newTensors(count int) error {
	data := make([]float32, t.inputSize)
	var inputs, outputs [1]onnxruntime.Value
	for range count {
		x, err := onnxruntime.NewTensor(t.inDims, data)
		if err != nil {
			return err
		}
		y, err := onnxruntime.NewEmptyTensor[float32](t.outDims)
		if err != nil {
			return err
		}
		inputs[0], outputs[0] = x, y
		if err := t.dynamic.Run(inputs[:], outputs[:]); err != nil {
			return err
		}
		x.Destroy()
		y.Destroy()
	}
	return nil
}

// sharing makes single calls of the one session, with tensors of its own.
func (t *theirs) sharing() (func() error, error) {
	inputs, outputs, err := t.tensors()
	return func() error { return t.dynamic.Run(inputs, outputs) }, err
}

// owning makes single calls of a session of its own.
func (t *theirs) owning() (func() error, error) {
	session, err := t.session()
	if err != nil {
		return nil, err
	}
	return session.Run, nil
}
