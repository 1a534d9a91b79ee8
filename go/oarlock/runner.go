package oarlock

import (
	"context"
	"runtime"
	"sync/atomic"

	"github.com/oarlock/oarlock/go/internal/driver"
)

// Runner is a request that is bound once and then run as often as you like: no copy, no allocation. One goroutine at a time
// may use it; a second one gets ErrFailedPrecondition. Make one for each worker.
type Runner struct {
	state     *runnerState
	predictor *Predictor // kept, so that it is not collected
	inputs    []Value    // kept, as they are bound
	outputs   []Value
}

type runnerState struct {
	driver driver.Driver
	handle driver.Handle
	slots  *predictorState
	held   *slot       // the execution that the answer lies in, where an output is not bound
	busy   atomic.Bool // a goroutine uses it; stays so when all is over
	closed atomic.Bool
	runs   atomic.Uint64 // and bindings, where isChecked: each ends the views before it
	stop   canceller
	// deadlineNs is the one that the driver knows of.
	deadlineNs int64
	unbound    int // outputs
	site       string
}

// NewRunner makes a runner and binds tensors to it, in the order of the model's inputs and outputs. Inputs that are nil are
// to be bound before the first run. An output that is nil gets a new tensor if its size is known, and else lies in the
// engine's memory, where [ViewOf] finds it. outputs may be nil altogether.
func (p *Predictor) NewRunner(inputs, outputs []Value) (*Runner, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	if outputs == nil {
		outputs = make([]Value, len(p.model.Outputs))
	}
	if err := p.checkCounts(len(inputs), len(outputs)); err != nil {
		return nil, err
	}
	handle, status := p.state.driver.NewRunner(p.state.handle)
	if !status.OK() {
		return nil, errorOf(status)
	}
	state := &runnerState{driver: p.state.driver, handle: handle, slots: p.state, site: kindRunner.note()}
	state.stop = canceller{driver: state.driver, runner: handle, ended: make(chan struct{}, 1)}
	state.stop.call = state.stop.cancelled
	state.unbound = len(outputs)
	r := &Runner{state, p, make([]Value, len(inputs)), make([]Value, len(outputs))}
	kindRunner.opened()
	runtime.AddCleanup(r, func(s *runnerState) {
		if s.close() {
			kindRunner.lost()
		}
	}, state)
	if err := r.bindAll(inputs, outputs); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *Runner) bindAll(inputs, outputs []Value) error {
	for i, input := range inputs {
		if input == nil {
			continue
		}
		if err := r.BindInput(i, input); err != nil {
			return err
		}
	}
	for i, output := range outputs {
		port := &r.predictor.model.Outputs[i]
		if output == nil && port.isStatic() {
			var err error
			if output, err = newValue(port.DType, port.Shape); err != nil {
				return err
			}
		}
		if output == nil {
			continue
		}
		if err := r.BindOutput(i, output); err != nil {
			return err
		}
	}
	return nil
}

// begin keeps other goroutines out.
func (r *Runner) begin() error {
	if r == nil || r.state == nil {
		return failed(InvalidArgument, "no runner; Predictor.NewRunner makes one")
	}
	if r.state.closed.Load() {
		return closedError("runner")
	}
	if !r.state.busy.CompareAndSwap(false, true) {
		if r.state.closed.Load() { // meanwhile: it stays busy for good
			return closedError("runner")
		}
		return failed(FailedPrecondition, "another goroutine uses the runner; make one for each")
	}
	if r.state.closed.Load() {
		r.done()
		return closedError("runner")
	}
	return nil
}

// done lets others in, and closes what was to be closed meanwhile.
func (r *Runner) done() {
	r.state.busy.Store(false)
	if r.state.closed.Load() && r.state.busy.CompareAndSwap(false, true) {
		r.state.end()
	}
}

// BindInput binds a tensor to an input for the runs to come. Its elements may change between runs.
func (r *Runner) BindInput(index int, v Value) error {
	if err := r.begin(); err != nil {
		return err
	}
	defer r.done()
	if isNil(v) {
		return failed(InvalidArgument, "input %d: no tensor", index)
	}
	return r.bind(r.inputs, false, index, v)
}

// BindOutput binds a tensor that an output is written into; nil leaves it in the engine's memory, where [ViewOf] finds it.
func (r *Runner) BindOutput(index int, v Value) error {
	if err := r.begin(); err != nil {
		return err
	}
	defer r.done()
	if v != nil && v.isNil() {
		return failed(InvalidArgument, "output %d: a nil pointer; nil itself unbinds", index)
	}
	return r.bind(r.outputs, true, index, v)
}

func (r *Runner) bind(bound []Value, output bool, index int, v Value) (err error) {
	if index < 0 || index >= len(bound) {
		kind := "input"
		if output {
			kind = "output"
		}
		return failed(OutOfRange, "%s %d of model '%s', which has %d", kind, index, r.predictor.model.Name, len(bound))
	}
	var handle driver.Handle
	if v != nil {
		if handle, err = v.lend(r.state.driver); err != nil {
			return err
		}
	}
	if status := r.state.driver.Bind(r.state.handle, output, index, handle); !status.OK() {
		return orClosed(errorOf(status), r.state.driver, []Value{v})
	}
	bound[index] = v
	r.state.letGo()
	r.state.unbound = 0
	for _, output := range r.outputs {
		if output == nil {
			r.state.unbound++
		}
	}
	return nil
}

// letGo gives back the execution that the last answer was in, which the driver has left.
func (s *runnerState) letGo() {
	if isChecked {
		s.runs.Add(1)
	}
	if s.held != nil {
		s.slots.release(s.held)
		s.held = nil
	}
}

// Input is what is bound to an input; nil if nothing is, or there is no such input.
func (r *Runner) Input(index int) Value { return at(r.inputs, index) }

// Output is what is bound to an output; nil if nothing is, or there is no such output.
func (r *Runner) Output(index int) Value { return at(r.outputs, index) }

func at(values []Value, index int) Value {
	if index < 0 || index >= len(values) {
		return nil
	}
	return values[index]
}

// Run waits for an execution to become free, and runs on the calling goroutine. If ctx ends first, the run is stopped as
// far as the engine can, and the error is the context's. Nothing is allocated if ctx cannot be cancelled, or is that of the
// run before.
func (r *Runner) Run(ctx context.Context) error {
	if err := r.begin(); err != nil {
		return err
	}
	defer r.done()
	err := r.run(ctx)
	runtime.KeepAlive(r)
	return err
}

func (r *Runner) run(ctx context.Context) error {
	s := r.state
	if ctx.Err() != nil {
		return contextError(ctx)
	}
	it := s.held
	if it == nil {
		var err error
		if it, err = s.slots.gate.acquire(ctx, nil); err != nil {
			return err
		}
	}
	s.held = it
	if isChecked {
		s.runs.Add(1)
	}
	hasAnswer := false
	defer func() {
		if !hasAnswer || s.unbound == 0 {
			s.held = nil
			s.slots.release(it)
		}
	}()
	err := s.runIn(ctx)
	hasAnswer = err == nil
	return err
}

// runIn runs, with an execution that is there.
func (s *runnerState) runIn(ctx context.Context) error {
	if deadlineNs := deadlineOf(ctx, s.driver); deadlineNs != s.deadlineNs {
		if status := s.driver.SetDeadline(s.handle, deadlineNs); !status.OK() {
			return errorOf(status)
		}
		s.deadlineNs = deadlineNs
	}
	s.stop.listen(ctx)
	if s.stop.done != nil {
		s.stop.running.Store(true)
		defer s.stop.running.Store(false)
	}
	if ctx.Err() != nil {
		return contextError(ctx)
	}
	return ended(ctx, s.driver.Run(s.handle))
}

// CopyReport is what was copied in the last run; nothing, if every tensor was used where it lay.
func (r *Runner) CopyReport() ([]Copy, error) {
	if err := r.begin(); err != nil {
		return nil, err
	}
	defer r.done()
	copies, status := r.state.driver.CopyReport(r.state.handle)
	return copiesOf(copies), errorOf(status)
}

// Close lets go of it, and of what is bound; a run under way goes on to its end. Closing twice is no error.
func (r *Runner) Close() error {
	if r == nil || r.state == nil {
		return nil
	}
	if r.state.close() {
		kindRunner.closed()
	}
	runtime.KeepAlive(r)
	return nil
}

func (s *runnerState) close() bool {
	if !s.closed.CompareAndSwap(false, true) {
		return false
	}
	if s.busy.CompareAndSwap(false, true) {
		s.end()
	} // else done() does
	return true
}

func (s *runnerState) end() {
	s.stop.unlisten()
	s.driver.CloseRunner(s.handle)
	s.letGo()
	kindRunner.forget(s.site)
}
