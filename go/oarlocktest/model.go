package oarlocktest

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/oarlock/oarlock/go/internal/driver"
	"github.com/oarlock/oarlock/go/internal/hook"
	"github.com/oarlock/oarlock/go/oarlock"
)

// Model is a model that is Go functions.
type Model struct {
	// Inputs and Outputs are its ports; -1 is a dim that is any, a nil shape one that is known only after a run.
	Inputs, Outputs []oarlock.Port
	// Run answers. It is called by as many goroutines at once as there are executions.
	Run Step
	// Executions is the runs at once, where LoadOptions asks for none; 0 = 1.
	Executions int
	// MaxBatchSize makes it a model with batching, if it is not 0. Runs are not really shared.
	MaxBatchSize int
	// LoadErr is what loading fails with: an error of package oarlock's, such as oarlock.ErrUnavailable, or any other.
	LoadErr error
}

// Call is one run of a model.
type Call struct {
	// Inputs are the tensors that the model was given, not to be kept.
	Inputs []oarlock.Value
	// Cancelled is closed when the caller wants the run to stop.
	Cancelled <-chan struct{}
	// Number counts the model's runs, from 1.
	Number int64
}

// Step is what a run does: it gives the outputs, in the order of the model's, or an error, whose code callers see.
type Step func(*Call) ([]oarlock.Value, error)

// Returns gives the same outputs at each run.
func Returns(outputs ...oarlock.Value) Step {
	return func(*Call) ([]oarlock.Value, error) { return outputs, nil }
}

// Fails fails at each run.
func Fails(code oarlock.Code, message string) Step {
	return func(*Call) ([]oarlock.Value, error) { return nil, &oarlock.Error{Code: code, Message: message} }
}

// Sequence takes one step a run, and stays at the last.
func Sequence(steps ...Step) Step {
	var next atomic.Int64
	return func(c *Call) ([]oarlock.Value, error) {
		return steps[min(int(next.Add(1)), len(steps))-1](c)
	}
}

// Takes waits before each run, unless it is cancelled.
func Takes(duration time.Duration, then Step) Step {
	return func(c *Call) ([]oarlock.Value, error) {
		timer := time.NewTimer(duration)
		defer timer.Stop()
		select {
		case <-timer.C:
			return then(c)
		case <-c.Cancelled:
			return nil, oarlock.ErrCancelled
		}
	}
}

// NewRuntime makes a runtime that loads these models, by the paths that programs load them from. Besides, LoadBytes takes
// the script of the fake engine (engines/fake/script.h), so that one test can run with and without the library.
func NewRuntime(models map[string]Model) (*oarlock.Runtime, error) {
	return NewRuntimeWith(models, oarlock.RuntimeOptions{})
}

// NewRuntimeWith is NewRuntime with options; Library is not looked at.
func NewRuntimeWith(models map[string]Model, options oarlock.RuntimeOptions) (*oarlock.Runtime, error) {
	made, err := hook.NewRuntime(newScripted(models), options)
	if err != nil {
		return nil, err
	}
	return made.(*oarlock.Runtime), nil
}

func statusOf(err error) driver.Status {
	if err == nil {
		return driver.Status{}
	}
	message := err.Error()
	var ours *oarlock.Error
	if errors.As(err, &ours) {
		message = ours.Message
	}
	return driver.Status{Code: int32(oarlock.CodeOf(err)), Message: message}
}

func fails(code oarlock.Code, message string) driver.Status {
	return driver.Status{Code: int32(code), Message: message}
}
