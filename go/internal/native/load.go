//go:build cgo

package native

import (
	"unsafe"

	"github.com/oarlock/oarlock/go/internal/cabi"
	"github.com/oarlock/oarlock/go/internal/driver"
)

// NewRuntime makes a runtime. The function for its log is kept for good: models may outlive their runtime's handle, and what
// is said of their end is still to be heard.
func (l *Library) NewRuntime(options driver.RuntimeOptions) (driver.Handle, driver.Status) {
	given := cabi.New[cabi.RuntimeOptions]()
	defer cabi.Delete(given)
	*given = cabi.NewRuntimeOptions()
	given.ThreadBudget = int32(options.ThreadBudget)
	given.EnginePath = cabi.CString(options.EnginePath)
	given.CacheDir = cabi.CString(options.CacheDir)
	defer cabi.Free(given.EnginePath)
	defer cabi.Free(given.CacheDir)
	if options.Log != nil {
		given.Log, given.LogUser = cabi.LogCallback(), l.tokens.add(options.Log)
	}
	var runtime cabi.Runtime
	status := call(func(err **cabi.Error) cabi.Code { return cabi.RuntimeCreate(given, &runtime, err) })
	if !status.OK() {
		l.tokens.take(given.LogUser)
	}
	return driver.Handle(runtime.Value), status
}

// CloseRuntime ends a runtime.
func (*Library) CloseRuntime(runtime driver.Handle) driver.Status {
	return call(func(err **cabi.Error) cabi.Code {
		return cabi.RuntimeDestroy(cabi.Runtime{Value: uint64(runtime)}, err)
	})
}

// Engines are those that are there, and those that could be.
func (*Library) Engines(runtime driver.Handle) ([]driver.Engine, driver.Status) {
	r := cabi.Runtime{Value: uint64(runtime)}
	var count uintptr
	status := call(func(err **cabi.Error) cabi.Code { return cabi.RuntimeEngineCount(r, &count, err) })
	var engines []driver.Engine
	for i := uintptr(0); status.OK() && i < count; i++ {
		engine := cabi.NewEngineDescription()
		status = call(func(err **cabi.Error) cabi.Code { return cabi.RuntimeEngine(r, i, &engine, err) })
		engines = append(engines, driver.Engine{
			Name: cabi.Text(engine.Name), Version: cabi.Text(engine.Version), Path: cabi.Text(engine.Path),
			Status: driver.Status{Code: int32(engine.Code), Message: cabi.Text(engine.Message)},
		})
	}
	return engines, status
}

// Hardware is what the machine offers.
func (*Library) Hardware(runtime driver.Handle) (driver.Hardware, driver.Status) {
	hardware := cabi.NewHardware()
	status := call(func(err **cabi.Error) cabi.Code {
		return cabi.RuntimeHardware(cabi.Runtime{Value: uint64(runtime)}, &hardware, err)
	})
	return driver.Hardware{
		UsableCores: int(hardware.UsableCoreCount), ThreadBudget: int(hardware.ThreadBudget),
		MemoryBytes: hardware.MemoryBytes, ResidentBytes: hardware.ResidentBytes, CPUFlags: cabi.Text(hardware.CpuFlags),
	}, status
}

// Load loads a model from files.
func (l *Library) Load(runtime driver.Handle, path string, options *driver.LoadOptions) (driver.Handle, driver.Status) {
	name := cabi.CString(path)
	defer cabi.Free(name)
	return l.load(options, func(given *cabi.LoadOptions, predictor *cabi.Predictor, err **cabi.Error) cabi.Code {
		return cabi.PredictorLoad(cabi.Runtime{Value: uint64(runtime)}, name, given, predictor, err)
	})
}

// LoadMemory loads a model from memory, which is not kept.
func (l *Library) LoadMemory(runtime driver.Handle, model, weights []byte, options *driver.LoadOptions) (driver.Handle, driver.Status) {
	return l.load(options, func(given *cabi.LoadOptions, predictor *cabi.Predictor, err **cabi.Error) cabi.Code {
		return cabi.PredictorLoadMemory(cabi.Runtime{Value: uint64(runtime)},
			unsafe.Pointer(unsafe.SliceData(model)), uintptr(len(model)),
			unsafe.Pointer(unsafe.SliceData(weights)), uintptr(len(weights)), given, predictor, err)
	})
}

func (l *Library) load(options *driver.LoadOptions, do func(*cabi.LoadOptions, *cabi.Predictor, **cabi.Error) cabi.Code) (driver.Handle, driver.Status) {
	given := cabi.New[cabi.LoadOptions]()
	defer cabi.Delete(given)
	*given = cabi.NewLoadOptions()
	given.Name, given.Engine = cabi.CString(options.Name), cabi.CString(options.Engine)
	defer cabi.Free(given.Name)
	defer cabi.Free(given.Engine)
	given.Version = options.Version
	given.Format, given.Precision = cabi.Format(options.Format), cabi.Precision(options.Precision)
	given.Weights = cabi.Weights(options.Weights)
	given.ExecutionCount, given.ThreadCount = int32(options.Executions), int32(options.Threads)
	given.WarmUp, given.Cache = cabi.WarmUp(options.WarmUp), cabi.Cache(options.Cache)
	if options.Batching != nil {
		batching := cabi.New[cabi.BatchingOptions]()
		defer cabi.Delete(batching)
		*batching = cabi.NewBatchingOptions()
		batching.MaxBatchSize, batching.DelayMaxNs = options.Batching.MaxBatchSize, options.Batching.DelayMaxNs
		batching.Lazy, batching.Batchable = flag(options.Batching.Lazy), flag(options.Batching.Batchable)
		batching.Buckets, batching.BucketCount = cabi.Int64s(options.Batching.Buckets), uintptr(len(options.Batching.Buckets))
		defer cabi.Delete(batching.Buckets)
		given.Batching = batching
	}
	if options.Progress != nil {
		given.Progress, given.ProgressUser = cabi.ProgressCallback(), l.tokens.add(options.Progress)
		defer l.tokens.take(given.ProgressUser)
	}
	var predictor cabi.Predictor
	status := call(func(err **cabi.Error) cabi.Code { return do(given, &predictor, err) })
	return driver.Handle(predictor.Value), status
}

func flag(is bool) int32 {
	if is {
		return 1
	}
	return 0
}

// ClosePredictor ends a predictor.
func (*Library) ClosePredictor(predictor driver.Handle) driver.Status {
	return call(func(err **cabi.Error) cabi.Code {
		return cabi.PredictorDestroy(cabi.Predictor{Value: uint64(predictor)}, err)
	})
}

// Describe is what a loaded model is.
func (*Library) Describe(predictor driver.Handle) (driver.Model, driver.Status) {
	p := cabi.Predictor{Value: uint64(predictor)}
	description := cabi.NewModelDescription()
	status := call(func(err **cabi.Error) cabi.Code { return cabi.PredictorDescribe(p, &description, err) })
	if !status.OK() {
		return driver.Model{}, status
	}
	model := driver.Model{
		Name: cabi.Text(description.Name), Version: description.Version, Identity: cabi.Text(description.Identity),
		Format: int32(description.Format), Engine: cabi.Text(description.Engine),
		EngineVersion: cabi.Text(description.EngineVersion), Precision: int32(description.Precision),
		Executions: int(description.ExecutionCount), MaxBatchSize: description.MaxBatchSize,
		IsConverted: description.IsConverted != 0,
	}
	for i := uintptr(0); status.OK() && i < description.InputCount; i++ {
		var port driver.Port
		port, status = portOf(func(port *cabi.Port, err **cabi.Error) cabi.Code { return cabi.PredictorInput(p, i, port, err) })
		model.Inputs = append(model.Inputs, port)
	}
	for i := uintptr(0); status.OK() && i < description.OutputCount; i++ {
		var port driver.Port
		port, status = portOf(func(port *cabi.Port, err **cabi.Error) cabi.Code { return cabi.PredictorOutput(p, i, port, err) })
		model.Outputs = append(model.Outputs, port)
	}
	for i := uintptr(0); status.OK() && i < description.WarningCount; i++ {
		var text *byte
		status = call(func(err **cabi.Error) cabi.Code { return cabi.PredictorWarning(p, i, &text, err) })
		model.Warnings = append(model.Warnings, cabi.Text(text))
	}
	return model, status
}

func portOf(describe func(*cabi.Port, **cabi.Error) cabi.Code) (driver.Port, driver.Status) {
	port := cabi.NewPort()
	status := call(func(err **cabi.Error) cabi.Code { return describe(&port, err) })
	return driver.Port{
		Name: cabi.Text(port.Name), DType: int32(port.Dtype), Dims: dimsOf(port.Rank, &port.Dims),
		IsRankKnown: port.Rank >= 0, SizeBytes: int(port.SizeBytes), TakesPictures: port.TakesPictures != 0,
	}, status
}

// Statistics are sums since the model was loaded.
func (*Library) Statistics(predictor driver.Handle) (driver.Statistics, driver.Status) {
	s := cabi.NewStatistics()
	status := call(func(err **cabi.Error) cabi.Code {
		return cabi.PredictorStatistics(cabi.Predictor{Value: uint64(predictor)}, &s, err)
	})
	return driver.Statistics{
		Requests: s.RequestCount, Rows: s.RowCount, Runs: s.RunCount, Failed: s.FailedCount, Expired: s.ExpiredCount,
		Cancelled: s.CancelledCount, Refused: s.RefusedCount, QueueNs: s.QueueNs, PrepareNs: s.PrepareNs,
		ComputeNs: s.ComputeNs, FinishNs: s.FinishNs, CopyCounts: s.CopyCounts, CopyBytes: s.CopyBytes,
	}, status
}
