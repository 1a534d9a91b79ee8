package oarlock

import (
	"context"
	"runtime"
	"time"

	"github.com/oarlock/oarlock/go/internal/driver"
)

// Result is what a call of Predictor.Go ends with.
type Result struct {
	Outputs []Value
	Err     error
}

// Go runs the model in the background, into new tensors; the channel gets one result. Cancelling ctx ends it as with Infer.
func (p *Predictor) Go(ctx context.Context, inputs ...Value) <-chan Result {
	results := make(chan Result, 1)
	go func() {
		outputs, err := p.Predict(ctx, inputs...)
		results <- Result{outputs, err}
	}()
	return results
}

// inferBatched queues a request, which shares a run with others, and waits for its end without a thread.
func (p *Predictor) inferBatched(ctx context.Context, inputs, outputs []Value) error {
	call := driver.Call{Inputs: make([]driver.Handle, len(inputs)), Outputs: make([]driver.Handle, len(outputs))}
	made, err := p.lendAll(&call, nil, inputs, outputs)
	if err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok {
		call.DeadlineNs = max(p.state.driver.Now()+int64(time.Until(deadline)), 1)
	}
	type answer struct {
		status  driver.Status
		handles []driver.Handle
	}
	answers := make(chan answer, 1)
	request, status := p.state.driver.InferAsync(p.state.handle, &call, func(status driver.Status, handles []driver.Handle) {
		answers <- answer{status, handles}
	})
	if !status.OK() {
		closeAll(made)
		return orClosed(errorOf(status), p.state.driver, inputs, outputs)
	}
	var got answer
	select {
	case got = <-answers:
	case <-ctx.Done():
		// The answer comes in any case, soon if the request could be cancelled. Until then the tensors are in use.
		p.state.driver.CancelRequest(p.state.handle, request)
		got = <-answers
	}
	runtime.KeepAlive(inputs)
	runtime.KeepAlive(p)
	if err := ended(ctx, got.status); err != nil {
		closeAll(made)
		return err
	}
	return p.adopt(got.handles, made, outputs)
}

// adopt copies the tensors that the driver made, and releases all handles: each is a further one to its tensor.
func (p *Predictor) adopt(handles []driver.Handle, made, outputs []Value) (err error) {
	for i, handle := range handles {
		if err == nil && outputs[i] == nil && made[i] == nil {
			memory, status := p.state.driver.Look(handle)
			if err = errorOf(status); err == nil {
				made[i], err = copied(memory)
			}
		}
		p.state.driver.Release(handle)
	}
	if err != nil {
		closeAll(made)
		return err
	}
	for i, value := range made {
		if value != nil {
			outputs[i] = value
		}
	}
	return nil
}
