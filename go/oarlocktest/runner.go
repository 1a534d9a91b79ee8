package oarlocktest

import (
	"fmt"
	"sync"

	"github.com/oarlock/oarlock/go/internal/driver"
	"github.com/oarlock/oarlock/go/oarlock"
)

type runner struct {
	predictor *predictor
	inputs    []*tensor
	outputs   []*tensor
	deadline  int64
	answer    []driver.Memory // of the last run

	mu     sync.Mutex
	cancel chan struct{} // of the run under way
}

func (s *scripted) NewRunner(handle driver.Handle) (driver.Handle, driver.Status) {
	p, ok := get[*predictor](s, handle)
	if !ok {
		return 0, fails(oarlock.FailedPrecondition, "the predictor was destroyed")
	}
	return s.add(&runner{
		predictor: p, inputs: make([]*tensor, len(p.model.Inputs)), outputs: make([]*tensor, len(p.model.Outputs)),
	}), driver.Status{}
}

func (s *scripted) CloseRunner(handle driver.Handle) driver.Status {
	r, status := end[*runner](s, handle)
	if status.OK() {
		r.unbind()
	}
	return status
}

func (r *runner) unbind() {
	for _, list := range [][]*tensor{r.inputs, r.outputs} {
		for i, t := range list {
			if t != nil {
				t.drop()
			}
			list[i] = nil
		}
	}
}

func (s *scripted) Bind(handle driver.Handle, output bool, index int, given driver.Handle) driver.Status {
	r, ok := get[*runner](s, handle)
	if !ok {
		return fails(oarlock.FailedPrecondition, "the runner was destroyed")
	}
	return s.bind(r, output, index, given)
}

func (s *scripted) bind(r *runner, output bool, index int, given driver.Handle) driver.Status {
	port, status := r.predictor.port(output, index)
	if !status.OK() {
		return status
	}
	list := r.inputs
	if output {
		list = r.outputs
	}
	var t *tensor
	if given != 0 {
		var ok bool
		if t, ok = get[*tensor](s, given); !ok {
			return fails(oarlock.FailedPrecondition, "the tensor was released")
		}
		if status := fits(output, port, t); !status.OK() {
			return status
		}
		t.use()
	}
	if list[index] != nil {
		list[index].drop()
	}
	list[index] = t
	r.answer = nil
	return driver.Status{}
}

func (s *scripted) SetDeadline(handle driver.Handle, deadline int64) driver.Status {
	r, ok := get[*runner](s, handle)
	if ok {
		r.deadline = deadline
	}
	return driver.Status{}
}

func (s *scripted) Run(handle driver.Handle) driver.Status {
	r, ok := get[*runner](s, handle)
	if !ok {
		return fails(oarlock.FailedPrecondition, "the runner was destroyed")
	}
	return s.run(r, r.deadline)
}

func (s *scripted) run(r *runner, deadline int64) driver.Status {
	r.answer = nil
	cancel := make(chan struct{})
	r.mu.Lock()
	r.cancel = cancel
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.cancel = nil
		r.mu.Unlock()
	}()
	if deadline != 0 && s.Now() >= deadline {
		return fails(oarlock.DeadlineExceeded, "the deadline passed before it ran")
	}
	answer, status := r.predictor.answer(r.inputs, r.outputs, cancel)
	r.answer = answer
	return status
}

func (s *scripted) Infer(handle driver.Handle, call *driver.Call) driver.Status {
	r, ok := get[*runner](s, handle)
	if !ok {
		return fails(oarlock.FailedPrecondition, "the runner was destroyed")
	}
	defer r.unbind()
	status := s.bindAll(r, call)
	if status.OK() {
		status = s.run(r, call.DeadlineNs)
	}
	return status
}

func (s *scripted) bindAll(r *runner, call *driver.Call) driver.Status {
	for i, given := range call.Inputs {
		if status := s.bind(r, false, i, given); !status.OK() {
			return status
		}
	}
	for i, given := range call.Outputs {
		if status := s.bind(r, true, i, given); !status.OK() {
			return status
		}
	}
	return driver.Status{}
}

func (s *scripted) Cancel(handle driver.Handle) bool {
	r, ok := get[*runner](s, handle)
	if !ok {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancel == nil {
		return false
	}
	close(r.cancel)
	r.cancel = nil
	return true
}

func (s *scripted) Output(handle driver.Handle, index int) (driver.Memory, driver.Status) {
	r, ok := get[*runner](s, handle)
	if !ok {
		return driver.Memory{}, fails(oarlock.FailedPrecondition, "the runner was destroyed")
	}
	if _, status := r.predictor.port(true, index); !status.OK() {
		return driver.Memory{}, status
	}
	if r.answer == nil {
		return driver.Memory{}, fails(oarlock.FailedPrecondition, "no run has succeeded since something was bound")
	}
	return r.answer[index], driver.Status{}
}

func (s *scripted) CopyReport(handle driver.Handle) ([]driver.Copy, driver.Status) {
	r, ok := get[*runner](s, handle)
	if !ok || r.answer == nil {
		return nil, fails(oarlock.FailedPrecondition, "no run has succeeded since something was bound")
	}
	return nil, driver.Status{}
}

// answer runs the model's function over inputs, and puts what it gave into the outputs that are there.
func (p *predictor) answer(inputs, outputs []*tensor, cancel <-chan struct{}) ([]driver.Memory, driver.Status) {
	call := &Call{Cancelled: cancel, Number: p.runs.Add(1)}
	for i, t := range inputs {
		if t == nil {
			return nil, fails(oarlock.FailedPrecondition, fmt.Sprintf("input '%s' of model '%s' is not bound", p.model.Inputs[i].Name, p.name))
		}
		value, err := t.value()
		if err != nil {
			return nil, statusOf(err)
		}
		call.Inputs = append(call.Inputs, value)
	}
	values, err := p.model.Run(call)
	defer closeAll(call.Inputs)
	p.mu.Lock()
	if err == nil {
		p.statistics.Runs++
		p.statistics.Requests++
		p.statistics.Rows++
	} else {
		p.statistics.Failed++
	}
	p.mu.Unlock()
	if err != nil {
		return nil, statusOf(err)
	}
	if len(values) != len(outputs) {
		return nil, fails(oarlock.Internal, fmt.Sprintf("the model's Run gave %d outputs; it has %d", len(values), len(outputs)))
	}
	var answer []driver.Memory
	for i, value := range values {
		made, err := tensorOf(value)
		if err != nil {
			return nil, statusOf(err)
		}
		port, _ := p.port(true, i)
		room := outputs[i]
		if room == nil {
			answer = append(answer, made.memory())
			continue
		}
		if !oarlock.Shape(made.dims).Equal(room.dims) || made.dtype != room.dtype {
			return nil, fails(oarlock.InvalidArgument, fmt.Sprintf("output '%s' is %v; the tensor given for it is %v", port.Name, oarlock.Shape(made.dims), oarlock.Shape(room.dims)))
		}
		copy(room.bytes, made.bytes)
		answer = append(answer, room.memory())
	}
	return answer, driver.Status{}
}

func closeAll(values []oarlock.Value) {
	for _, value := range values {
		value.Close()
	}
}

func (s *scripted) InferAsync(handle driver.Handle, call *driver.Call, done func(driver.Status, []driver.Handle)) (uint64, driver.Status) {
	p, ok := get[*predictor](s, handle)
	if !ok {
		return 0, fails(oarlock.FailedPrecondition, "the predictor was destroyed")
	}
	r := &runner{predictor: p, inputs: make([]*tensor, len(p.model.Inputs)), outputs: make([]*tensor, len(p.model.Outputs))}
	if status := s.bindAll(r, call); !status.OK() {
		r.unbind()
		return 0, status
	}
	request := p.last.Add(1)
	cancel := make(chan struct{})
	p.requests.Store(request, cancel)
	go func() {
		defer r.unbind()
		answer, status := p.answer(r.inputs, r.outputs, cancel)
		p.requests.Delete(request)
		var handles []driver.Handle
		for i := range answer {
			t := r.outputs[i]
			if t == nil {
				t = &tensor{dtype: answer[i].DType, dims: answer[i].Dims, bytes: memoryBytes(answer[i])}
			}
			t.use()
			handles = append(handles, s.add(t))
		}
		done(status, handles)
	}()
	return request, driver.Status{}
}

func (s *scripted) CancelRequest(handle driver.Handle, request uint64) {
	if p, ok := get[*predictor](s, handle); ok {
		if cancel, ok := p.requests.LoadAndDelete(request); ok {
			close(cancel.(chan struct{}))
		}
	}
}
