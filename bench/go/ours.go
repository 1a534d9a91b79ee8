package main

import (
	"context"

	"github.com/oarlock/oarlock/bench/go/raw"
	"github.com/oarlock/oarlock/go/oarlock"
)

// ours is a model in package oarlock, and how its tensors look.
type ours struct {
	predictor *oarlock.Predictor
	in, out   oarlock.Shape
}

func loadOurs(library, model string, executions int) (*ours, error) {
	runtime, err := oarlock.NewRuntime(oarlock.RuntimeOptions{Library: library})
	if err != nil {
		return nil, err
	}
	predictor, err := runtime.Load(model, oarlock.LoadOptions{Engine: "onnxruntime", Executions: executions})
	if err != nil {
		return nil, err
	}
	described := predictor.Model()
	return &ours{predictor, fixed(described.Inputs[0].Shape), fixed(described.Outputs[0].Shape)}, nil
}

// fixed is the shape with a 1 for each dim that may be anything.
func fixed(shape oarlock.Shape) oarlock.Shape {
	made := append(oarlock.Shape{}, shape...)
	for i, dim := range made {
		if dim < 0 {
			made[i] = 1
		}
	}
	return made
}

func (o *ours) tensors() (inputs, outputs []oarlock.Value, err error) {
	x, err := oarlock.Empty[float32](o.in)
	if err != nil {
		return nil, nil, err
	}
	y, err := oarlock.Empty[float32](o.out)
	return []oarlock.Value{x}, []oarlock.Value{y}, err
}

// targets are the ways of a binding's user, and C's beside them. What they use lives as long as the process.
func (o *ours) targets(library, model string) ([]target, error) {
	c, err := raw.OpenOarlock(library, model)
	if err != nil {
		return nil, err
	}
	inputs, outputs, err := o.tensors()
	if err != nil {
		return nil, err
	}
	runner, err := o.predictor.NewRunner(inputs, outputs)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	return []target{
		{oursRaw, c.Run},
		{oursRawInfer, c.Infer},
		{oursRawNew, c.InferNew},
		{oursRunner, func(count int) error {
			for range count {
				if err := runner.Run(ctx); err != nil {
					return err
				}
			}
			return nil
		}},
		{oursInfer, func(count int) error {
			for range count {
				if err := o.predictor.Infer(ctx, inputs, outputs); err != nil {
					return err
				}
			}
			return nil
		}},
		{oursNew, o.newTensors},
	}, nil
}

// newTensors makes calls with tensors of their own, over a slice that is there.
func (o *ours) newTensors(count int) error {
	elements, err := o.in.Count()
	if err != nil {
		return err
	}
	data := make([]float32, elements)
	ctx := context.Background()
	var inputs, outputs [1]oarlock.Value
	for range count {
		x, err := oarlock.NewTensor(o.in, data)
		if err != nil {
			return err
		}
		y, err := oarlock.Empty[float32](o.out)
		if err != nil {
			return err
		}
		inputs[0], outputs[0] = x, y
		if err := o.predictor.Infer(ctx, inputs[:], outputs[:]); err != nil {
			return err
		}
		x.Close()
		y.Close()
	}
	return nil
}

// caller makes single calls, for a goroutine of its own.
func (o *ours) caller() (func() error, error) {
	inputs, outputs, err := o.tensors()
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	return func() error { return o.predictor.Infer(ctx, inputs, outputs) }, nil
}
