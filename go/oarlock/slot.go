package oarlock

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/oarlock/oarlock/go/internal/driver"
)

// slot is the permission to run, and what a run of Infer needs: a runner of its own, and room for handles.
type slot struct {
	state  *predictorState
	runner driver.Handle
	call   driver.Call
	stop   canceller
	place  uint32        // in the gate's slots, plus 1
	below  atomic.Uint32 // the place of the next free one
}

func newSlot(state *predictorState, model driver.Model) *slot {
	it := &slot{state: state}
	it.call.Inputs = make([]driver.Handle, len(model.Inputs))
	it.call.Outputs = make([]driver.Handle, len(model.Outputs))
	it.stop.call = it.stop.cancelled
	it.stop.ended = make(chan struct{}, 1)
	return it
}

// begin makes the runner when it is first needed.
func (it *slot) begin() error {
	if it.runner != 0 {
		return nil
	}
	runner, status := it.state.driver.NewRunner(it.state.handle)
	if !status.OK() {
		if it.state.ended.Load() {
			return closedError("predictor")
		}
		return errorOf(status)
	}
	it.runner = runner
	it.stop.driver, it.stop.runner = it.state.driver, runner
	return nil
}

// infer runs the call. Whatever a context of somebody's own does, the slot can be used again afterwards.
func (it *slot) infer(ctx context.Context) error {
	it.call.DeadlineNs = deadlineOf(ctx, it.state.driver)
	if ctx.Done() != nil {
		defer it.stop.unlisten()
		it.stop.listen(ctx)
		defer it.stop.running.Store(false)
		it.stop.running.Store(true)
	}
	if ctx.Err() != nil {
		return contextError(ctx)
	}
	return ended(ctx, it.state.driver.Infer(it.runner, &it.call))
}

// end lets go of the runner, by whoever holds the slot.
func (it *slot) end() {
	if it.runner != 0 {
		it.state.driver.CloseRunner(it.runner)
		it.runner = 0
	}
}

// deadlineOf is the deadline of a context that does not tell when it is over, on the driver's clock; 0 if it has none. Of
// any other context the end is listened to.
func deadlineOf(ctx context.Context, d driver.Driver) int64 {
	deadline, ok := ctx.Deadline()
	if !ok || ctx.Done() != nil {
		return 0
	}
	return max(d.Now()+int64(time.Until(deadline)), 1)
}
