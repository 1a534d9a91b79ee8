package oarlock

import (
	"runtime"
	"time"

	"github.com/oarlock/oarlock/go/internal/driver"
)

// Condition is one of those that a tensor must meet to be used where it lies.
type Condition int32

// The conditions.
const (
	ConditionMet          Condition = 0 // all of them hold: no copy
	ConditionDType        Condition = 1 // the element type is not the port's
	ConditionLayout       Condition = 2 // the elements are not row-major without gaps, or the engine wants another form
	ConditionAlignment    Condition = 3 // the address is no multiple of what the element type or the engine asks for
	ConditionSize         Condition = 4 // the dims or the bytes do not fit the port
	ConditionDynamicShape Condition = 5 // the output's size is known only after the run
	ConditionDevice       Condition = 6 // the memory is on another device
	ConditionRace         Condition = 7 // others may write the memory while it is read
)

// String is the condition in words.
func (c Condition) String() string {
	names := [...]string{"met", "dtype", "layout", "alignment", "size", "dynamic shape", "device", "race"}
	if c < 0 || int(c) >= len(names) {
		return "unknown"
	}
	return names[c]
}

// CopyReasons are the reasons of Statistics.Copies, by index: why tensors were copied.
var CopyReasons = [9]string{
	"none", "unaligned", "batched", "gathered", "strided", "dynamic output", "dtype", "strings", "untrusted",
}

// Copy is one tensor that was copied in a run.
type Copy struct {
	// IsOutput and Index say which.
	IsOutput bool
	Index    int
	// Condition is what failed.
	Condition Condition
	// Reason is its index in CopyReasons.
	Reason int
	// SizeBytes is how much was copied.
	SizeBytes int64
}

func copiesOf(copies []driver.Copy) []Copy {
	out := make([]Copy, len(copies))
	for i, c := range copies {
		out[i] = Copy{c.IsOutput, c.Index, Condition(c.Condition), int(c.Reason), c.SizeBytes}
	}
	return out
}

// ZeroCopy says whether a tensor would be used where it lies.
type ZeroCopy struct {
	// Condition is ConditionMet, or the first that fails.
	Condition Condition
	// IsRefused says that no copy helps: a run would fail.
	IsRefused bool
	// Wanted is what would be right where that is a number, and Found what there is: a DType, an alignment or a size in
	// bytes.
	Wanted, Found int64
	// Text says it in words; "" if all conditions are met.
	Text string
}

// CheckInput asks the engine whether it would read the tensor where it lies, as the input of that index.
func (p *Predictor) CheckInput(index int, v Value) (ZeroCopy, error) {
	return p.checkZeroCopy(false, index, v)
}

// CheckOutput asks the engine whether it would write the tensor where it lies, as the output of that index.
func (p *Predictor) CheckOutput(index int, v Value) (ZeroCopy, error) {
	return p.checkZeroCopy(true, index, v)
}

func (p *Predictor) checkZeroCopy(output bool, index int, v Value) (ZeroCopy, error) {
	if err := p.check(); err != nil {
		return ZeroCopy{}, err
	}
	if isNil(v) {
		return ZeroCopy{}, failed(InvalidArgument, "no tensor")
	}
	if index < 0 {
		return ZeroCopy{}, failed(OutOfRange, "index %d; it must be 0 or more", index)
	}
	handle, err := v.lend(p.state.driver, nil, 0)
	if err != nil {
		return ZeroCopy{}, err
	}
	z, status := p.state.driver.CheckZeroCopy(p.state.handle, output, index, handle)
	runtime.KeepAlive(v)
	runtime.KeepAlive(p)
	return ZeroCopy{Condition(z.Condition), z.IsRefused, z.Wanted, z.Found, z.Text}, errorOf(status)
}

// Statistics are sums since the model was loaded.
type Statistics struct {
	Requests  int64 // answered
	Rows      int64 // of them; requests, without batching
	Runs      int64 // of the engine
	Failed    int64
	Expired   int64 // their deadline passed before they ran
	Cancelled int64 // before they ran
	Refused   int64 // they found the queue full

	Queue   time.Duration // requests waited
	Prepare time.Duration // pictures, and copies of inputs
	Compute time.Duration // in the engine
	Finish  time.Duration // decoding, and copies of outputs

	// Copies and CopiedBytes are of tensors, by the reasons of CopyReasons.
	Copies, CopiedBytes [9]int64
}

// Statistics are sums since the model was loaded.
func (p *Predictor) Statistics() (Statistics, error) {
	if err := p.check(); err != nil {
		return Statistics{}, err
	}
	s, status := p.state.driver.Statistics(p.state.handle)
	runtime.KeepAlive(p)
	return Statistics{
		s.Requests, s.Rows, s.Runs, s.Failed, s.Expired, s.Cancelled, s.Refused, time.Duration(s.QueueNs),
		time.Duration(s.PrepareNs), time.Duration(s.ComputeNs), time.Duration(s.FinishNs), s.CopyCounts, s.CopyBytes,
	}, errorOf(status)
}
