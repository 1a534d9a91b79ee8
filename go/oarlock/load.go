package oarlock

import (
	"math"
	"runtime"
	"strings"
	"time"

	"github.com/oarlock/oarlock/go/internal/driver"
)

// Format is the format of a model.
type Format int32

// The formats. FormatUnknown is told by a file's name, or by the beginning of a model in memory.
const (
	FormatUnknown     Format = 0
	FormatPaddle      Format = 1 // Paddle 2: ProgramDesc and combined weights
	FormatPaddlePIR   Format = 2 // Paddle 3: json and combined weights
	FormatONNX        Format = 3
	FormatOpenVINOIR  Format = 4
	FormatTorchScript Format = 5
	FormatFake        Format = 6 // the test engine's script
)

// String is the format's name.
func (f Format) String() string {
	names := [...]string{"unknown", "paddle", "paddle_pir", "onnx", "openvino_ir", "torchscript", "fake"}
	if f < 0 || int(f) >= len(names) {
		return "unknown"
	}
	return names[f]
}

// Precision is the arithmetic asked for.
type Precision int32

// The precisions. PrecisionAuto is float32: no engine chooses a narrower type on its own.
const (
	PrecisionAuto Precision = 0
	PrecisionF32  Precision = 1
	PrecisionBF16 Precision = 2
	PrecisionF16  Precision = 3
)

// Batching is how requests of a model share runs. A request is some rows of dim 0.
type Batching struct {
	// MaxBatchSize is the rows of one run; 0 = each request runs by itself.
	MaxBatchSize int
	// MaxDelay is how long the oldest request waits for others at most.
	MaxDelay time.Duration
	// Lazy makes a request wait for others although nothing of the model runs.
	Lazy bool
	// Batchable says that rows of outputs belong to rows of inputs although the shapes do not say so.
	Batchable bool
	// Buckets are sizes that runs are padded to, ascending up to MaxBatchSize.
	Buckets []int64
}

// LoadOptions are how a model is loaded. The zero value is the default of every field.
type LoadOptions struct {
	// Name is what it is called; "" = as its directory or file.
	Name string
	// Version is its version; 0 = as its path says, else 1.
	Version int64
	// Engine is "onnxruntime" or "openvino"; "" or "auto" = the first that loads it.
	Engine string
	// Format is that of a model in memory. Files are told by their names.
	Format Format
	// Precision is that of the arithmetic.
	Precision Precision
	// SharedWeights reads weights where they lie, instead of laying them out anew for speed. Engines that cannot do this
	// answer ErrUnimplemented.
	SharedWeights bool
	// Executions is the runs at once; 0 = the thread budget divided by Threads. As many goroutines run, the others wait.
	Executions int
	// Threads is the threads of one run; 0 = 1.
	Threads int
	// Batching is how requests share runs; nil = as model.yaml beside the model says, else not at all.
	Batching *Batching
	// NoWarmUp makes no runs while loading: loading is shorter, the first run longer.
	NoWarmUp bool
	// NoCache neither reads nor writes converted models.
	NoCache bool
	// Progress is told as loading goes on, on a thread of the library's. May be nil.
	Progress func(phase string)
}

func (o *LoadOptions) check() (*driver.LoadOptions, error) {
	for name, value := range map[string]string{"Name": o.Name, "Engine": o.Engine} {
		if strings.ContainsRune(value, 0) {
			return nil, failed(InvalidArgument, "%s has a NUL in it: %q", name, value)
		}
	}
	for name, value := range map[string]int{"Executions": o.Executions, "Threads": o.Threads} {
		if value < 0 || value > math.MaxInt32 {
			return nil, failed(InvalidArgument, "%s is %d; it must be 0 (chosen) or more", name, value)
		}
	}
	given := &driver.LoadOptions{
		Name: o.Name, Version: o.Version, Engine: o.Engine, Format: int32(o.Format), Precision: int32(o.Precision),
		Executions: o.Executions, Threads: o.Threads, Progress: o.Progress,
	}
	for field, is := range map[*int32]bool{&given.Weights: o.SharedWeights, &given.WarmUp: o.NoWarmUp, &given.Cache: o.NoCache} {
		if is {
			*field = 1
		}
	}
	if b := o.Batching; b != nil {
		given.Batching = &driver.Batching{
			MaxBatchSize: int64(b.MaxBatchSize), DelayMaxNs: int64(b.MaxDelay), Lazy: b.Lazy, Batchable: b.Batchable,
			Buckets: b.Buckets,
		}
	}
	return given, nil
}

// Load loads a model with the runtime of [Default].
func Load(path string, options LoadOptions) (*Predictor, error) {
	r, err := Default()
	if err != nil {
		return nil, err
	}
	return r.Load(path, options)
}

// Load loads a model: path is its file, or a directory that holds one (docs/models.md says what is found there). It takes
// as long as reading and compiling takes.
func (r *Runtime) Load(path string, options LoadOptions) (*Predictor, error) {
	if strings.ContainsRune(path, 0) {
		return nil, failed(InvalidArgument, "the path has a NUL in it: %q", path)
	}
	return r.load(options, func(given *driver.LoadOptions) (driver.Handle, driver.Status) {
		return r.state.driver.Load(r.state.handle, path, given)
	})
}

// LoadBytes loads a model from memory, which is not needed afterwards. weights is for formats that keep them in a file of
// their own.
func (r *Runtime) LoadBytes(model, weights []byte, options LoadOptions) (*Predictor, error) {
	return r.load(options, func(given *driver.LoadOptions) (driver.Handle, driver.Status) {
		return r.state.driver.LoadMemory(r.state.handle, model, weights, given)
	})
}

func (r *Runtime) load(options LoadOptions, do func(*driver.LoadOptions) (driver.Handle, driver.Status)) (*Predictor, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	given, err := options.check()
	if err != nil {
		return nil, err
	}
	handle, status := do(given)
	runtime.KeepAlive(r)
	if !status.OK() {
		return nil, errorOf(status)
	}
	model, status := r.state.driver.Describe(handle)
	if !status.OK() {
		r.state.driver.ClosePredictor(handle)
		return nil, errorOf(status)
	}
	return newPredictor(r, handle, model), nil
}
