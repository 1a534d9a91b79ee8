package oarlock

import (
	"runtime"
	"sync/atomic"

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
	gate   *gate
	closed chan struct{}
	ended  atomic.Bool
	site   string
}

func newPredictor(r *Runtime, handle driver.Handle, model driver.Model) *Predictor {
	executions := max(model.Executions, 1)
	state := &predictorState{
		driver: r.state.driver, handle: handle, closed: make(chan struct{}), site: kindPredictor.note(),
	}
	slots := make([]*slot, executions)
	for i := range slots {
		slots[i] = newSlot(state, model)
	}
	state.gate = newGate(slots)
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
	for _, it := range s.gate.takeAll() {
		it.end()
		s.gate.release(it)
	}
}

// release gives back what gate.acquire gave.
func (s *predictorState) release(it *slot) {
	if s.ended.Load() {
		it.end()
	}
	s.gate.release(it)
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
