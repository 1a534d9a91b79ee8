package oarlock

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/oarlock/oarlock/go/internal/driver"
)

// Predictor is a loaded model. Any number of goroutines may use it at once: as many as the model has executions run, and the
// others wait without a thread of their own.
type Predictor struct {
	state   *predictorState
	runtime *Runtime // kept, so that it is not collected
	model   Model
}

type predictorState struct {
	driver driver.Driver
	handle driver.Handle
	// slots are the permissions to run, one for each execution.
	slots  chan *slot
	closed chan struct{}
	ended  atomic.Bool
	site   string
}

func newPredictor(r *Runtime, handle driver.Handle, model driver.Model) *Predictor {
	executions := max(model.Executions, 1)
	state := &predictorState{
		driver: r.state.driver, handle: handle, slots: make(chan *slot, executions), closed: make(chan struct{}),
		site: kindPredictor.note(),
	}
	for range executions {
		state.slots <- newSlot(state, model)
	}
	kindPredictor.opened()
	p := &Predictor{state: state, runtime: r, model: modelOf(model)}
	runtime.AddCleanup(p, func(s *predictorState) {
		if s.close() {
			kindPredictor.lost()
		}
	}, state)
	return p
}

// close ends the handle. What runs goes on to its end, and what waits for its turn is told.
func (s *predictorState) close() bool {
	if !s.ended.CompareAndSwap(false, true) {
		return false
	}
	close(s.closed)
	s.endIdle()
	s.driver.ClosePredictor(s.handle)
	kindPredictor.forget(s.site)
	return true
}

// endIdle lets go of what is in the slots that nobody has. The slots stay: runners go on.
func (s *predictorState) endIdle() {
	for range cap(s.slots) {
		select {
		case it := <-s.slots:
			it.end()
			s.slots <- it
		default:
		}
	}
}

// acquire waits for an execution. Where closed can be received from, the predictor was closed.
func (s *predictorState) acquire(ctx context.Context, closed <-chan struct{}) (*slot, error) {
	select {
	case it := <-s.slots:
		return it, nil
	default:
	}
	var expired <-chan time.Time
	if deadline, ok := ctx.Deadline(); ok && ctx.Done() == nil {
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case it := <-s.slots:
		return it, nil
	case <-ctx.Done():
		return nil, contextError(ctx)
	case <-expired:
		return nil, failed(DeadlineExceeded, "the deadline passed before an execution became free")
	case <-closed:
		return nil, closedError("predictor")
	}
}

func (s *predictorState) release(it *slot) {
	s.slots <- it
	if s.ended.Load() {
		s.endIdle()
	}
}

// Model is what was loaded. Not to be changed.
func (p *Predictor) Model() *Model { return &p.model }

// Close lets go of it. Calls under way go on to their end, those that wait for their turn end with ErrClosed, and runners
// keep what they need. Closing twice is no error.
func (p *Predictor) Close() error {
	if p.state.close() {
		kindPredictor.closed()
	}
	runtime.KeepAlive(p)
	return nil
}

func (p *Predictor) check() error {
	if p == nil || p.state == nil {
		return failed(InvalidArgument, "no predictor; Load makes one")
	}
	if p.state.ended.Load() {
		return closedError("predictor")
	}
	return nil
}
