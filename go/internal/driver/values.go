package driver

// RuntimeOptions are what all models of a runtime share.
type RuntimeOptions struct {
	ThreadBudget int
	EnginePath   string
	CacheDir     string
	Log          func(level int32, message string)
}

// Engine is a plugin that is there, or that could be.
type Engine struct {
	Name, Version, Path string
	Status              Status
}

// Hardware is what the machine offers this process.
type Hardware struct {
	UsableCores   int
	ThreadBudget  int
	MemoryBytes   uint64
	ResidentBytes uint64
	CPUFlags      string
}

// Batching is how requests share runs.
type Batching struct {
	MaxBatchSize int64
	DelayMaxNs   int64
	Lazy         bool
	Batchable    bool
	Buckets      []int64
}

// LoadOptions are how a model is loaded.
type LoadOptions struct {
	Name       string
	Version    int64
	Engine     string
	Format     int32
	Precision  int32
	Weights    int32
	Executions int
	Threads    int
	Batching   *Batching
	WarmUp     int32
	Cache      int32
	Progress   func(phase string)
}

// Port is an input or an output.
type Port struct {
	Name          string
	DType         int32
	Dims          []int64 // nil = known only after a run; -1 = any
	IsRankKnown   bool
	SizeBytes     int // 0 if a dim is open, and for BYTES
	TakesPictures bool
}

// Model is what a loaded model is.
type Model struct {
	Name          string
	Version       int64
	Identity      string
	Format        int32
	Engine        string
	EngineVersion string
	Precision     int32
	Inputs        []Port
	Outputs       []Port
	Executions    int
	MaxBatchSize  int64
	IsConverted   bool
	Warnings      []string
}

// Statistics are sums since a model was loaded.
type Statistics struct {
	Requests, Rows, Runs, Failed, Expired, Cancelled, Refused int64
	QueueNs, PrepareNs, ComputeNs, FinishNs                   int64
	CopyCounts, CopyBytes                                     [9]int64
}

// ZeroCopy says whether a tensor would be used where it lies.
type ZeroCopy struct {
	Condition, Reason int32
	IsRefused         bool
	Wanted, Found     int64
	Text              string
}

// Copy is one tensor that was copied in a run.
type Copy struct {
	IsOutput          bool
	Index             int
	Condition, Reason int32
	SizeBytes         int64
}

// Picture is a decoded picture; Pixels are a copy.
type Picture struct {
	Width, Height, Channels int
	Color                   int32
	Pixels                  []byte
}

// PictureOptions are how a picture becomes the numbers that a model takes.
type PictureOptions struct {
	Height, Width int
	Resize        int32
	PadValue      float32
	Scale         float32
	Mean, Std     [3]float32
	Layout        int32
}
