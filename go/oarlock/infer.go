package oarlock

import (
	"context"
	"errors"
	"runtime"

	"github.com/oarlock/oarlock/go/internal/driver"
)

// Infer runs the model once. inputs and outputs are in the order of the model's; outputs that are there are written into,
// and those that are nil are replaced by new tensors. Neither slice is kept.
//
// It waits for an execution to become free, then runs on the calling goroutine; where the model has batching, it shares a run
// with others. If ctx ends first, the run is stopped as far as the engine can, and the error is the context's: ErrCancelled
// or ErrDeadlineExceeded, and whatever the context was cancelled with. Nothing is allocated, unless tensors are made or ctx
// can be cancelled.
func (p *Predictor) Infer(ctx context.Context, inputs, outputs []Value) error {
	if err := p.check(); err != nil {
		return err
	}
	if err := p.checkCounts(len(inputs), len(outputs)); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return contextError(ctx)
	}
	if p.model.MaxBatchSize > 0 {
		return p.inferBatched(ctx, inputs, outputs)
	}
	it, err := p.state.gate.acquire(ctx, p.state.closed)
	if err != nil {
		return err
	}
	defer p.state.release(it)
	err = p.inferIn(ctx, it, inputs, outputs)
	runtime.KeepAlive(p)
	return err
}

// Predict is Infer into new tensors.
func (p *Predictor) Predict(ctx context.Context, inputs ...Value) ([]Value, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	outputs := make([]Value, len(p.model.Outputs))
	if err := p.Infer(ctx, inputs, outputs); err != nil {
		return nil, err
	}
	return outputs, nil
}

func (p *Predictor) checkCounts(inputs, outputs int) error {
	if inputs != len(p.model.Inputs) {
		return failed(InvalidArgument, "%d inputs; model '%s' has %d", inputs, p.model.Name, len(p.model.Inputs))
	}
	if outputs != len(p.model.Outputs) {
		return failed(InvalidArgument, "%d outputs; model '%s' has %d", outputs, p.model.Name, len(p.model.Outputs))
	}
	return nil
}

func (p *Predictor) inferIn(ctx context.Context, it *slot, inputs, outputs []Value) error {
	if err := it.begin(); err != nil {
		return err
	}
	made, err := p.lendAll(&it.call, inputs, outputs)
	if err != nil {
		return err
	}
	err = it.infer(ctx)
	runtime.KeepAlive(inputs)
	runtime.KeepAlive(outputs)
	if err != nil {
		closeAll(made)
		return orClosed(err, p.state.driver, inputs, outputs)
	}
	return p.takeOutputs(it, made, outputs)
}

// orClosed is err, or that a tensor was closed, where that is what the driver stumbled over: another goroutine may close one
// between its being lent and its being used, and the driver then knows no more than that a handle names nothing.
func orClosed(err error, d driver.Driver, lists ...[]Value) error {
	if CodeOf(err) != FailedPrecondition {
		return err
	}
	for _, values := range lists {
		for _, value := range values {
			if isNil(value) {
				continue
			}
			if _, closed := value.lend(d); errors.Is(closed, ErrClosed) {
				return closed
			}
		}
	}
	return err
}

// ended is the error of a run: the context's, if it was stopped for that.
func ended(ctx context.Context, status driver.Status) error {
	if code := Code(status.Code); (code == Cancelled || code == DeadlineExceeded) && ctx.Err() != nil {
		return contextError(ctx)
	}
	return errorOf(status)
}

// lendAll fills a call. It makes the outputs that are nil and whose size is known, and returns them, or nil if there are
// none such.
func (p *Predictor) lendAll(call *driver.Call, inputs, outputs []Value) (made []Value, err error) {
	d := p.state.driver
	for i, input := range inputs {
		if isNil(input) {
			return nil, failed(InvalidArgument, "input %d ('%s') is nil", i, p.model.Inputs[i].Name)
		}
		if call.Inputs[i], err = input.lend(d); err != nil {
			return nil, err
		}
	}
	for i, output := range outputs {
		call.Outputs[i] = 0
		if output == nil {
			if made == nil {
				made = make([]Value, len(outputs))
			}
			port := &p.model.Outputs[i]
			if !port.isStatic() {
				continue // it is copied from where the engine puts it
			}
			if made[i], err = newValue(port.DType, port.Shape); err == nil {
				output = made[i]
			}
		} else if isNil(output) {
			err = failed(InvalidArgument, "output %d ('%s') is a nil pointer; nil itself asks for a new tensor", i, p.model.Outputs[i].Name)
		}
		if err == nil && output != nil {
			call.Outputs[i], err = output.lend(d)
		}
		if err != nil {
			closeAll(made)
			return nil, err
		}
	}
	return made, nil
}

// takeOutputs puts the new tensors in their places. What lies in the engine's memory is copied once, and the execution that
// holds it given back.
func (p *Predictor) takeOutputs(it *slot, made, outputs []Value) error {
	if made == nil {
		return nil
	}
	holds := false
	for i := range made {
		if outputs[i] != nil || made[i] != nil {
			continue
		}
		holds = true
		memory, status := it.state.driver.Output(it.runner, i)
		err := errorOf(status)
		if err == nil {
			made[i], err = copied(memory)
		}
		if err != nil {
			it.state.driver.Bind(it.runner, true, 0, 0)
			closeAll(made)
			return err
		}
	}
	if holds {
		it.state.driver.Bind(it.runner, true, 0, 0)
	}
	for i, value := range made {
		if value != nil {
			outputs[i] = value
		}
	}
	return nil
}

func closeAll(values []Value) {
	for _, value := range values {
		if value != nil {
			value.Close()
		}
	}
}

// isNil says that there is no tensor, not even behind a Value that is not nil.
func isNil(v Value) bool { return v == nil || v.isNil() }
