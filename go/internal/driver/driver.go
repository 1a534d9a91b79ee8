// Package driver is what package oarlock asks of those that do the work: of the C library (package native), or of a script
// (package oarlocktest). It has no rules of its own: whatever package oarlock promises, it checks and counts itself.
package driver

import "unsafe"

// Handle names an object of the driver's; 0 is none.
type Handle uint64

// Status is how a call ended; the zero value is success. Codes are those of package oarlock.
type Status struct {
	Code    int32
	Message string
}

// OK says that it did what it should.
func (s Status) OK() bool { return s.Code == 0 }

// Call is one inference, in the order of the model's inputs and outputs. A zero output is one that lies in the engine's
// memory.
type Call struct {
	Inputs     []Handle
	Outputs    []Handle
	DeadlineNs int64 // on the clock of Driver.Now; 0 = none
	Priority   int32
}

// LoansMax is the tensors that a call can be lent for its length alone.
const LoansMax = 4

// Loan is memory that is a tensor for the length of one call. It has no address that Go knows of, so that it may be given
// to C in an array.
type Loan struct {
	Position  uint64 // of the input; after the inputs come the outputs
	SizeBytes uint64
	Released  uintptr // a *uint32 that stays where it is: becomes nonzero when nothing uses the memory any more
	DType     int32
	Rank      int32
	Dims      [8]int64
}

// Once is a driver that need not be told of a tensor beforehand.
type Once interface {
	// InferOnce is Driver.Infer, where data[i] is the memory of loans[i], which has no handle. There are LoansMax at most.
	InferOnce(runner Handle, call *Call, loans []Loan, data [LoansMax]unsafe.Pointer) Status
}

// Memory is a tensor that lies somewhere: an output in the engine's memory.
type Memory struct {
	DType     int32
	Dims      []int64
	Data      unsafe.Pointer
	SizeBytes int
}

// Driver runs models. All methods are for any goroutine; calls for one runner come one at a time, but for Cancel.
type Driver interface {
	// Now is the clock of deadlines, in nanoseconds.
	Now() int64

	NewRuntime(RuntimeOptions) (Handle, Status)
	CloseRuntime(Handle) Status
	Engines(runtime Handle) ([]Engine, Status)
	Hardware(runtime Handle) (Hardware, Status)

	Load(runtime Handle, path string, options *LoadOptions) (Handle, Status)
	LoadMemory(runtime Handle, model, weights []byte, options *LoadOptions) (Handle, Status)
	ClosePredictor(Handle) Status
	Describe(predictor Handle) (Model, Status)
	Statistics(predictor Handle) (Statistics, Status)
	CheckZeroCopy(predictor Handle, output bool, index int, tensor Handle) (ZeroCopy, Status)
	// InferAsync queues a call, where it may share a run with others. done is called once, unless this fails, with a tensor
	// for each output: those of the call, and new ones for those that were zero.
	InferAsync(predictor Handle, call *Call, done func(Status, []Handle)) (request uint64, status Status)
	CancelRequest(predictor Handle, request uint64)

	NewRunner(predictor Handle) (Handle, Status)
	CloseRunner(Handle) Status
	// Bind binds a tensor to an input or an output. A zero tensor leaves an output in the engine's memory; it also lets go of
	// the answer of the last run.
	Bind(runner Handle, output bool, index int, tensor Handle) Status
	SetDeadline(runner Handle, deadlineNs int64) Status
	Run(runner Handle) Status
	Infer(runner Handle, call *Call) Status
	// Cancel stops the run that another goroutine makes; false if there is none, or it cannot be stopped.
	Cancel(runner Handle) bool
	Output(runner Handle, index int) (Memory, Status)
	CopyReport(runner Handle) ([]Copy, Status)

	// Wrap makes a tensor of memory that stays where it is until *released is nonzero: it is written once, when nothing uses
	// the memory any more.
	Wrap(data unsafe.Pointer, sizeBytes int, dtype int32, dims []int64, released *uint32) (Handle, Status)
	Release(tensor Handle) Status
	// Look is where a tensor of the driver's own lies.
	Look(tensor Handle) (Memory, Status)

	Decode(file []byte, color int32) (Handle, Status)
	CloseImage(Handle) Status
	Picture(image Handle) (Picture, Status)
	// WritePicture writes it into one row of dim 0 of a tensor.
	WritePicture(image Handle, options *PictureOptions, tensor Handle, row int64) Status
}
