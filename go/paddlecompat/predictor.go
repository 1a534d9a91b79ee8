package paddlecompat

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"github.com/oarlock/oarlock/go/oarlock"
)

// Predictor runs a model: fill its inputs, Run, read its outputs. Any goroutine may use it, one after the other; make a
// Clone for each that is to run at the same time. It is released when nobody refers to it and its tensors any more.
type Predictor struct {
	mu      sync.Mutex
	broken  error // why nothing goes: it could not be loaded, or was closed
	lastRun error
	session *session // nil if it could not be loaded
	inputs  []*Tensor
	outputs []*Tensor
}

// NewPredictor loads the model of a config. If that fails, the log and Err say why, and the predictor has no inputs and no
// outputs. It is never nil.
func NewPredictor(config *Config) *Predictor {
	p, err := NewPredictorE(config)
	if err != nil {
		report("NewPredictor", err)
		return &Predictor{broken: err}
	}
	return p
}

// NewPredictorE is NewPredictor that returns the error, and nil with it.
func NewPredictorE(config *Config) (*Predictor, error) {
	m, err := load(config)
	if err != nil {
		return nil, err
	}
	return newPredictor(m)
}

// newPredictor takes over the use of a model.
func newPredictor(m *model) (*Predictor, error) {
	s, err := newSession(m)
	if err != nil {
		m.letGo()
		return nil, err
	}
	p := &Predictor{session: s}
	runtime.AddCleanup(p, (*session).close, s)
	for _, of := range s.inputs {
		p.inputs = append(p.inputs, &Tensor{name: of.Name, predictor: p, port: of})
	}
	for _, of := range s.outputs {
		p.outputs = append(p.outputs, &Tensor{name: of.Name, predictor: p, port: of})
	}
	return p, nil
}

// Clone makes a predictor of the same model, with inputs and outputs of its own. The weights are shared. A clone of one that
// was not loaded is not loaded either.
func (p *Predictor) Clone() *Predictor {
	clone, err := p.CloneE()
	if err != nil {
		report("Clone", err)
		return &Predictor{broken: err}
	}
	return clone
}

// CloneE is Clone that returns the error, and nil with it.
func (p *Predictor) CloneE() (*Predictor, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.check(); err != nil {
		return nil, err
	}
	return newPredictor(p.session.model.retain())
}

// check says why nothing goes. The lock is held.
func (p *Predictor) check() error {
	if p.broken == nil && p.session == nil {
		p.broken = failed(oarlock.InvalidArgument, "no predictor; NewPredictor makes one")
	}
	return p.broken
}

// Err is why the predictor could not be loaded or was closed, else why the last Run failed; nil if all is well.
func (p *Predictor) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.check(); err != nil {
		return err
	}
	return p.lastRun
}

// GetInputNum is the number of inputs.
func (p *Predictor) GetInputNum() uint { return uint(len(p.inputs)) }

// GetOutputNum is the number of outputs.
func (p *Predictor) GetOutputNum() uint { return uint(len(p.outputs)) }

// GetInputNames are the names of the inputs, in the model's order; the slice is the caller's.
func (p *Predictor) GetInputNames() []string { return names(p.inputs) }

// GetOutputNames are the names of the outputs, in the model's order; the slice is the caller's.
func (p *Predictor) GetOutputNames() []string { return names(p.outputs) }

func names(of []*Tensor) []string {
	names := make([]string, len(of))
	for i, t := range of {
		names[i] = t.name
	}
	return names
}

// GetInputHandle is the input of a name. For a name that there is not, the log says so, and the tensor's Err; nothing can be
// done with it. It is never nil.
func (p *Predictor) GetInputHandle(name string) *Tensor {
	t, err := p.GetInputHandleE(name)
	return orNoTensor(t, err, "GetInputHandle", name)
}

// GetInputHandleE is GetInputHandle that returns the error, and nil with it.
func (p *Predictor) GetInputHandleE(name string) (*Tensor, error) {
	return p.find(p.inputs, "input", name)
}

// GetOutputHandle is the output of a name, before or after a run. For a name that there is not, it does as GetInputHandle.
func (p *Predictor) GetOutputHandle(name string) *Tensor {
	t, err := p.GetOutputHandleE(name)
	return orNoTensor(t, err, "GetOutputHandle", name)
}

// GetOutputHandleE is GetOutputHandle that returns the error, and nil with it.
func (p *Predictor) GetOutputHandleE(name string) (*Tensor, error) {
	return p.find(p.outputs, "output", name)
}

func (p *Predictor) find(in []*Tensor, kind, name string) (*Tensor, error) {
	if p.session == nil {
		return nil, p.Err()
	}
	if i := slices.IndexFunc(in, func(t *Tensor) bool { return t.name == name }); i >= 0 {
		return in[i], nil
	}
	return nil, failed(oarlock.NotFound, "the model has no %s '%s'; it has %q", kind, name, names(in))
}

func orNoTensor(t *Tensor, err error, call, name string) *Tensor {
	if err != nil {
		report(call, err)
		return &Tensor{name: name, err: err}
	}
	return t
}

// Run runs the model on what the inputs hold. If that fails, the log and Err say why, and the outputs hold nothing.
func (p *Predictor) Run() { report("Run", p.RunE(context.Background())) }

// RunE is Run that returns the error, and that ctx ends: the run is stopped as far as the engine can.
func (p *Predictor) RunE(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.check(); err != nil {
		return err
	}
	p.lastRun = p.session.run(ctx)
	return p.lastRun
}

// ClearIntermediateTensor does nothing: engines keep no tensors between runs but the memory for the next.
func (p *Predictor) ClearIntermediateTensor() {}

// TryShrinkMemory does nothing: the memory of a run is the engine's, and stays as large as its largest run. Close gives it
// back.
func (p *Predictor) TryShrinkMemory() {}

// Oarlock is the loaded model as package oarlock has it, for what the old API could not do. It is closed with the last
// predictor of the model; nil if it could not be loaded. Not in the old API.
func (p *Predictor) Oarlock() *oarlock.Predictor {
	if p.session == nil {
		return nil
	}
	return p.session.model.predictor
}

// Close releases it at once, when a run under way has ended. Its tensors hold nothing any more; clones go on. Closing twice
// is no error. Not in the old API.
func (p *Predictor) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.check() != nil {
		return nil
	}
	p.broken = closedError()
	p.session.close()
	return nil
}
