package oarlocktest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oarlock/oarlock/go/internal/driver"
	"github.com/oarlock/oarlock/go/oarlock"
)

// scripted is the driver. Its handles are never given twice.
type scripted struct {
	models map[string]Model
	mu     sync.Mutex
	last   driver.Handle
	things map[driver.Handle]any
}

type aRuntime struct {
	log    func(level int32, message string)
	budget int
}

type predictor struct {
	model      Model
	name       string
	version    int64
	executions int
	runs       atomic.Int64
	mu         sync.Mutex
	statistics driver.Statistics
	requests   sync.Map // of uint64 to chan struct{}
	last       atomic.Uint64
}

func newScripted(models map[string]Model) *scripted {
	return &scripted{models: models, things: map[driver.Handle]any{}}
}

func (s *scripted) add(thing any) driver.Handle {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	s.things[s.last] = thing
	return s.last
}

// get is the thing that a handle names; false for another kind, or none.
func get[T any](s *scripted, handle driver.Handle) (T, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	thing, ok := s.things[handle].(T)
	return thing, ok
}

// end takes the thing away.
func end[T any](s *scripted, handle driver.Handle) (T, driver.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	thing, ok := s.things[handle].(T)
	if !ok {
		return thing, fails(oarlock.FailedPrecondition, "the handle names nothing")
	}
	delete(s.things, handle)
	return thing, driver.Status{}
}

var epoch = time.Now()

func (s *scripted) Now() int64 { return int64(time.Since(epoch)) + 1 }

func (s *scripted) NewRuntime(options driver.RuntimeOptions) (driver.Handle, driver.Status) {
	return s.add(&aRuntime{options.Log, max(options.ThreadBudget, 1)}), driver.Status{}
}

func (s *scripted) CloseRuntime(runtime driver.Handle) driver.Status {
	_, status := end[*aRuntime](s, runtime)
	return status
}

func (s *scripted) Engines(driver.Handle) ([]driver.Engine, driver.Status) {
	return []driver.Engine{{Name: "fake", Version: "1"}}, driver.Status{}
}

func (s *scripted) Hardware(runtime driver.Handle) (driver.Hardware, driver.Status) {
	r, _ := get[*aRuntime](s, runtime)
	return driver.Hardware{UsableCores: 1, ThreadBudget: r.budget}, driver.Status{}
}

func (s *scripted) Load(runtime driver.Handle, path string, options *driver.LoadOptions) (driver.Handle, driver.Status) {
	model, ok := s.models[path]
	if !ok {
		paths := make([]string, 0, len(s.models))
		for path := range s.models {
			paths = append(paths, path)
		}
		return 0, fails(oarlock.NotFound, fmt.Sprintf("'%s' is no model of this test; it has %q", path, paths))
	}
	return s.load(runtime, path, model, options)
}

func (s *scripted) LoadMemory(runtime driver.Handle, text, _ []byte, options *driver.LoadOptions) (driver.Handle, driver.Status) {
	model, err := parse(string(text))
	if err != nil {
		return 0, statusOf(err)
	}
	return s.load(runtime, "model", model, options)
}

func (s *scripted) load(runtime driver.Handle, name string, model Model, options *driver.LoadOptions) (driver.Handle, driver.Status) {
	if options.Progress != nil {
		options.Progress("compile")
	}
	if model.LoadErr != nil {
		return 0, statusOf(model.LoadErr)
	}
	if model.Run == nil {
		return 0, fails(oarlock.FailedPrecondition, fmt.Sprintf("model '%s' has no Run", name))
	}
	p := &predictor{model: model, name: name, version: max(options.Version, 1), executions: max(model.Executions, 1)}
	if options.Name != "" {
		p.name = options.Name
	}
	if options.Executions > 0 {
		p.executions = options.Executions
	}
	if options.Batching != nil {
		p.model.MaxBatchSize = int(options.Batching.MaxBatchSize)
	}
	if r, ok := get[*aRuntime](s, runtime); ok && r.log != nil {
		r.log(1, fmt.Sprintf("model '%s' version %d is loaded", p.name, p.version))
	}
	return s.add(p), driver.Status{}
}

func (s *scripted) ClosePredictor(p driver.Handle) driver.Status {
	_, status := end[*predictor](s, p)
	return status
}

func (s *scripted) Describe(handle driver.Handle) (driver.Model, driver.Status) {
	p, ok := get[*predictor](s, handle)
	if !ok {
		return driver.Model{}, fails(oarlock.FailedPrecondition, "the predictor was destroyed")
	}
	return driver.Model{
		Name: p.name, Version: p.version, Identity: fmt.Sprintf("%064x", handle), Format: int32(oarlock.FormatFake),
		Engine: "fake", EngineVersion: "1", Precision: int32(oarlock.PrecisionF32), Inputs: portsOf(p.model.Inputs),
		Outputs: portsOf(p.model.Outputs), Executions: p.executions, MaxBatchSize: int64(p.model.MaxBatchSize),
	}, driver.Status{}
}

func portsOf(ports []oarlock.Port) []driver.Port {
	out := make([]driver.Port, len(ports))
	for i, p := range ports {
		out[i] = driver.Port{
			Name: p.Name, DType: int32(p.DType), Dims: p.Shape, IsRankKnown: p.Shape != nil, TakesPictures: p.TakesPictures,
		}
	}
	return out
}

func (s *scripted) Statistics(handle driver.Handle) (driver.Statistics, driver.Status) {
	p, ok := get[*predictor](s, handle)
	if !ok {
		return driver.Statistics{}, fails(oarlock.FailedPrecondition, "the predictor was destroyed")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.statistics, driver.Status{}
}

func (s *scripted) CheckZeroCopy(handle driver.Handle, output bool, index int, given driver.Handle) (driver.ZeroCopy, driver.Status) {
	p, ok := get[*predictor](s, handle)
	if !ok {
		return driver.ZeroCopy{}, fails(oarlock.FailedPrecondition, "the predictor was destroyed")
	}
	port, status := p.port(output, index)
	if !status.OK() {
		return driver.ZeroCopy{}, status
	}
	t, ok := get[*tensor](s, given)
	if !ok {
		return driver.ZeroCopy{}, fails(oarlock.FailedPrecondition, "the tensor was released")
	}
	if t.dtype != int32(port.DType) {
		return driver.ZeroCopy{
			Condition: int32(oarlock.ConditionDType), IsRefused: true, Wanted: int64(port.DType), Found: int64(t.dtype),
			Text: fmt.Sprintf("'%s' is %v; the tensor is %v", port.Name, port.DType, oarlock.DType(t.dtype)),
		}, driver.Status{}
	}
	if status := fits(output, port, t); !status.OK() {
		return driver.ZeroCopy{Condition: int32(oarlock.ConditionSize), IsRefused: true, Text: status.Message}, driver.Status{}
	}
	return driver.ZeroCopy{}, driver.Status{}
}

func (p *predictor) port(output bool, index int) (*oarlock.Port, driver.Status) {
	kind, ports := "input", p.model.Inputs
	if output {
		kind, ports = "output", p.model.Outputs
	}
	if index < 0 || index >= len(ports) {
		return nil, fails(oarlock.OutOfRange, fmt.Sprintf("%s %d of model '%s', which has %d", kind, index, p.name, len(ports)))
	}
	return &ports[index], driver.Status{}
}
