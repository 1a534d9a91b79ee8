package paddlecompat

import (
	"context"
	"sync"

	"github.com/oarlock/oarlock/go/oarlock"
)

// session is what a predictor holds and has to give back. It does not refer to the predictor, so that it can outlive it.
type session struct {
	model   *model
	runner  *oarlock.Runner
	inputs  []*port
	outputs []*port
	once    sync.Once
}

func newSession(m *model) (*session, error) {
	is := m.predictor.Model()
	// Outputs whose size is known are written where they are read from; the others are kept after each run.
	runner, err := m.predictor.NewRunner(make([]oarlock.Value, len(is.Inputs)), nil)
	if err != nil {
		return nil, err
	}
	s := &session{model: m, runner: runner}
	for _, input := range is.Inputs {
		s.inputs = append(s.inputs, newPort(input, false))
	}
	for i, output := range is.Outputs {
		p := newPort(output, true)
		if bound := runner.Output(i); bound != nil && p.elements != nil {
			p.elements.adopt(bound)
		}
		s.outputs = append(s.outputs, p)
	}
	return s, nil
}

func (s *session) run(ctx context.Context) error {
	for _, p := range s.outputs {
		p.isFilled = false
	}
	for i, p := range s.inputs {
		if err := s.bind(i, p); err != nil {
			return err
		}
	}
	if err := s.runner.Run(ctx); err != nil {
		return err
	}
	if err := s.keepOutputs(); err != nil {
		return err
	}
	for _, p := range s.outputs {
		p.isFilled = true
	}
	return nil
}

// bind gives the runner an input, if it has not got it.
func (s *session) bind(index int, p *port) error {
	if err := p.usable(); err != nil {
		return err
	}
	if p.refusal != nil {
		return p.refusal
	}
	if !p.isFilled {
		return failed(oarlock.FailedPrecondition, "%v was not filled; CopyFromCpu comes before Run", p)
	}
	value := p.elements.value()
	if s.runner.Input(index) == value {
		return nil
	}
	return s.runner.BindInput(index, value)
}

// keepOutputs copies what the engine has put into memory of its own, and gives that back: it belongs to one of the model's
// executions, and a predictor that is not run again would keep it from all others.
func (s *session) keepOutputs() error {
	unbound := -1
	var failure error
	for i, p := range s.outputs {
		if s.runner.Output(i) != nil {
			continue
		}
		unbound = i
		if failure == nil && p.elements != nil {
			failure = p.elements.keep(s.runner, i)
		}
	}
	if unbound < 0 {
		return nil
	}
	if err := s.runner.BindOutput(unbound, nil); failure == nil {
		failure = err
	}
	return failure
}

// close gives everything back, once.
func (s *session) close() {
	s.once.Do(func() {
		s.runner.Close()
		for _, ports := range [][]*port{s.inputs, s.outputs} {
			for _, p := range ports {
				if p.elements != nil {
					p.elements.close()
				}
			}
		}
		s.model.letGo()
	})
}
