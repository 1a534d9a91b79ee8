//go:build cgo

// Package native is the driver that calls the C library.
package native

import (
	"runtime"
	"sync"
	"unsafe"

	"github.com/oarlock/oarlock/go/internal/cabi"
	"github.com/oarlock/oarlock/go/internal/driver"
)

// Library is the C library, once it has been opened.
type Library struct {
	tokens tokens
}

var once sync.Once
var library Library

// Of gives the library, after cabi.Open has succeeded.
func Of() *Library {
	once.Do(func() {
		cabi.Log = func(token uintptr, level int32, message string) {
			if log, ok := library.tokens.get(token).(func(int32, string)); ok {
				log(level, message)
			}
		}
		cabi.Progress = func(token uintptr, phase string) {
			if progress, ok := library.tokens.get(token).(func(string)); ok {
				progress(phase)
			}
		}
		cabi.InferEnded = func(token uintptr, code cabi.Code, message string, outputs []uint64) {
			done, ok := library.tokens.take(token).(func(driver.Status, []driver.Handle))
			if !ok {
				return
			}
			status := driver.Status{Code: int32(code), Message: message}
			done(status, *(*[]driver.Handle)(unsafe.Pointer(&outputs)))
		}
	})
	return &library
}

// Now is the clock of deadlines.
func (*Library) Now() int64 { return cabi.MonotonicNowNs() }

// failure is how a call ended, and the end of its error.
func failure(code cabi.Code, err *cabi.Error) driver.Status {
	if code == cabi.CodeOk {
		return driver.Status{}
	}
	status := driver.Status{Code: int32(code), Message: cabi.Text(cabi.ErrorMessage(err))}
	cabi.ErrorFree(err)
	return status
}

func statusOf(result cabi.Result) driver.Status {
	if result.Code == cabi.CodeOk {
		return driver.Status{}
	}
	return failure(result.Code, result.Error)
}

// call makes a call whose error goes to the address it is given.
func call(do func(err **cabi.Error) cabi.Code) driver.Status {
	var err *cabi.Error
	return failure(do(&err), err)
}

func numbers(handles []driver.Handle) []uint64 { return *(*[]uint64)(unsafe.Pointer(&handles)) }

func dimsOf(rank int32, dims *[cabi.MaxRank]int64) []int64 {
	if rank < 0 {
		return nil
	}
	return append(make([]int64, 0, rank), dims[:rank]...)
}

// NewRunner makes a runner.
func (*Library) NewRunner(predictor driver.Handle) (driver.Handle, driver.Status) {
	var runner cabi.Runner
	status := call(func(err **cabi.Error) cabi.Code {
		return cabi.RunnerCreate(cabi.Predictor{Value: uint64(predictor)}, &runner, err)
	})
	return driver.Handle(runner.Value), status
}

// CloseRunner ends a runner.
func (*Library) CloseRunner(runner driver.Handle) driver.Status {
	return call(func(err **cabi.Error) cabi.Code { return cabi.RunnerDestroy(cabi.Runner{Value: uint64(runner)}, err) })
}

// Bind binds a tensor.
func (*Library) Bind(runner driver.Handle, output bool, index int, tensor driver.Handle) driver.Status {
	r, t := cabi.Runner{Value: uint64(runner)}, cabi.Tensor{Value: uint64(tensor)}
	return call(func(err **cabi.Error) cabi.Code {
		if output {
			return cabi.RunnerBindOutput(r, uintptr(index), t, err)
		}
		return cabi.RunnerBindInput(r, uintptr(index), t, err)
	})
}

// SetDeadline holds for the runs to come.
func (*Library) SetDeadline(runner driver.Handle, deadlineNs int64) driver.Status {
	return call(func(err **cabi.Error) cabi.Code {
		return cabi.RunnerSetDeadline(cabi.Runner{Value: uint64(runner)}, deadlineNs, err)
	})
}

// Run runs what is bound.
func (*Library) Run(runner driver.Handle) driver.Status { return statusOf(cabi.Run(uint64(runner))) }

// Infer runs with tensors of its own.
func (*Library) Infer(runner driver.Handle, c *driver.Call) driver.Status {
	return statusOf(cabi.Infer(uint64(runner), numbers(c.Inputs), numbers(c.Outputs), c.DeadlineNs, c.Priority))
}

// InferOnce is Infer, with tensors that are made and let go of on the way.
func (*Library) InferOnce(runner driver.Handle, c *driver.Call, loans []driver.Loan, data [driver.LoansMax]unsafe.Pointer) driver.Status {
	return statusOf(cabi.InferOnce(uint64(runner), numbers(c.Inputs), numbers(c.Outputs), c.DeadlineNs, c.Priority,
		unsafe.Pointer(unsafe.SliceData(loans)), len(loans), data))
}

// Cancel stops a run.
func (*Library) Cancel(runner driver.Handle) bool {
	return cabi.RunnerCancel(cabi.Runner{Value: uint64(runner)}, nil) == cabi.CodeOk
}

// Output is where an output of the last run lies.
func (*Library) Output(runner driver.Handle, index int) (driver.Memory, driver.Status) {
	var view cabi.View
	status := call(func(err **cabi.Error) cabi.Code {
		return cabi.RunnerOutput(cabi.Runner{Value: uint64(runner)}, uintptr(index), &view, err)
	})
	return driver.Memory{DType: int32(view.Dtype), Dims: dimsOf(view.Rank, &view.Dims), Data: view.Data, SizeBytes: int(view.SizeBytes)}, status
}

// CopyReport is what was copied in the last run.
func (*Library) CopyReport(runner driver.Handle) ([]driver.Copy, driver.Status) {
	report := cabi.NewCopyReport()
	status := call(func(err **cabi.Error) cabi.Code {
		return cabi.RunnerCopyReport(cabi.Runner{Value: uint64(runner)}, &report, err)
	})
	copies := make([]driver.Copy, min(int(report.CopyCount), len(report.Entries)))
	for i := range copies {
		entry := &report.Entries[i]
		copies[i] = driver.Copy{
			IsOutput: entry.Kind == cabi.PortKindOutput, Index: int(entry.Index), Condition: int32(entry.Condition),
			Reason: int32(entry.Reason), SizeBytes: entry.SizeBytes,
		}
	}
	return copies, status
}

// InferAsync queues a call.
func (l *Library) InferAsync(predictor driver.Handle, c *driver.Call, done func(driver.Status, []driver.Handle)) (uint64, driver.Status) {
	token := l.tokens.add(done)
	result := cabi.InferAsync(uint64(predictor), numbers(c.Inputs), numbers(c.Outputs), c.DeadlineNs, c.Priority, token)
	if result.Code != cabi.CodeOk {
		l.tokens.take(token)
	}
	return result.Handle, statusOf(result)
}

// CancelRequest cancels a call that was queued.
func (*Library) CancelRequest(predictor driver.Handle, request uint64) {
	cabi.PredictorCancel(cabi.Predictor{Value: uint64(predictor)}, request, nil)
}

// Wrap makes a tensor of pinned memory.
func (*Library) Wrap(data unsafe.Pointer, sizeBytes int, dtype int32, dims []int64, released *uint32) (driver.Handle, driver.Status) {
	result := cabi.Wrap(data, sizeBytes, dtype, dims, released)
	return driver.Handle(result.Handle), statusOf(result)
}

// Release lets go of a tensor.
func (*Library) Release(tensor driver.Handle) driver.Status {
	return statusOf(cabi.Release(uint64(tensor)))
}

// Look is where a tensor lies.
func (*Library) Look(tensor driver.Handle) (driver.Memory, driver.Status) {
	description := cabi.NewTensorDescription()
	status := call(func(err **cabi.Error) cabi.Code {
		return cabi.TensorDescribe(cabi.Tensor{Value: uint64(tensor)}, &description, err)
	})
	return driver.Memory{
		DType: int32(description.Dtype), Dims: dimsOf(description.Rank, &description.Dims), Data: description.Data,
		SizeBytes: int(description.SizeBytes),
	}, status
}

// CheckZeroCopy says whether a tensor would be used where it lies.
func (*Library) CheckZeroCopy(predictor driver.Handle, output bool, index int, tensor driver.Handle) (driver.ZeroCopy, driver.Status) {
	kind := cabi.PortKindInput
	if output {
		kind = cabi.PortKindOutput
	}
	report := cabi.NewZeroCopyReport()
	status := call(func(err **cabi.Error) cabi.Code {
		return cabi.PredictorCheckZeroCopy(cabi.Predictor{Value: uint64(predictor)}, kind, uintptr(index),
			cabi.Tensor{Value: uint64(tensor)}, &report, err)
	})
	return driver.ZeroCopy{
		Condition: int32(report.Condition), Reason: int32(report.Reason), IsRefused: report.IsRefused != 0,
		Wanted: report.Wanted, Found: report.Found, Text: cabi.Text(&report.Text[0]),
	}, status
}

// Decode makes a picture of a JPEG or PNG file.
func (*Library) Decode(file []byte, color int32) (driver.Handle, driver.Status) {
	var image cabi.Image
	status := call(func(err **cabi.Error) cabi.Code {
		return cabi.ImageDecode(unsafe.Pointer(unsafe.SliceData(file)), uintptr(len(file)), cabi.Color(color), &image, err)
	})
	return driver.Handle(image.Value), status
}

// CloseImage ends a picture.
func (*Library) CloseImage(image driver.Handle) driver.Status {
	return call(func(err **cabi.Error) cabi.Code { return cabi.ImageDestroy(cabi.Image{Value: uint64(image)}, err) })
}

// Picture is what a picture is.
func (*Library) Picture(image driver.Handle) (driver.Picture, driver.Status) {
	description := cabi.NewImageDescription()
	status := call(func(err **cabi.Error) cabi.Code {
		return cabi.ImageDescribe(cabi.Image{Value: uint64(image)}, &description, err)
	})
	if !status.OK() {
		return driver.Picture{}, status
	}
	pixels := append([]byte(nil), unsafe.Slice(description.Pixels, description.SizeBytes)...)
	return driver.Picture{
		Width: int(description.Width), Height: int(description.Height), Channels: int(description.ChannelCount),
		Color: int32(description.Color), Pixels: pixels,
	}, status
}

// WritePicture writes a picture into a row of a tensor.
func (*Library) WritePicture(image driver.Handle, options *driver.PictureOptions, tensor driver.Handle, row int64) driver.Status {
	given := cabi.NewImageOptions()
	given.Height, given.Width = int32(options.Height), int32(options.Width)
	given.Resize, given.PadValue, given.Scale = cabi.Resize(options.Resize), options.PadValue, options.Scale
	given.Mean, given.Std, given.Layout = options.Mean, options.Std, cabi.Layout(options.Layout)
	status := call(func(err **cabi.Error) cabi.Code {
		return cabi.ImageWriteTo(cabi.Image{Value: uint64(image)}, &given, cabi.Tensor{Value: uint64(tensor)}, row, err)
	})
	runtime.KeepAlive(options)
	return status
}
