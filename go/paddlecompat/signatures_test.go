package paddlecompat_test

import paddle "github.com/oarlock/oarlock/go/paddlecompat"

// The signatures of Paddle 2.6, so that none changes unnoticed: a program may keep any of them in a variable, or ask for
// them in an interface.
var (
	_ func() string                          = paddle.Version
	_ func() *paddle.Config                  = paddle.NewConfig
	_ func(*paddle.Config) *paddle.Predictor = paddle.NewPredictor
	_ [6]paddle.DataType                     = [...]paddle.DataType{paddle.Unk, paddle.Float32, paddle.Int32, paddle.Int64, paddle.Uint8, paddle.Int8}
	_ [4]paddle.PlaceType                    = [...]paddle.PlaceType{paddle.UnkPlace, paddle.CpuPlace, paddle.GpuPlace, paddle.XpuPlace}
	_ [3]paddle.Precision                    = [...]paddle.Precision{paddle.PrecisionFloat32, paddle.PrecisionInt8, paddle.PrecisionHalf}
	_ func(int32) paddle.DataType            = func(i int32) paddle.DataType { return paddle.DataType(i) }
	_ interface{ oldConfig }                 = (*paddle.Config)(nil)
	_ interface{ configBeside26 }            = (*paddle.Config)(nil)
	_ interface{ oldPredictor }              = (*paddle.Predictor)(nil)
	_ interface{ oldTensor }                 = (*paddle.Tensor)(nil)
)

type oldConfig interface {
	SetModel(model, params string)
	SetModelDir(modelDir string)
	SetProgFile(model string)
	SetParamsFile(params string)
	SetOptimCacheDir(cacheDir string)
	ModelDir() string
	ProgFile() string
	ParamsFile() string
	DisableFCPadding()
	UseFcPadding() bool
	EnableUseGpu(memorySize uint64, deviceId int32)
	EnableONNXRuntime()
	DisableONNXRuntime()
	ONNXRuntimeEnabled() bool
	EnableORTOptimization()
	EnableXpu(l3Size int32, l3Locked bool, convAutotune bool, convAutotuneFile string, precision string, adaptiveSeqlen bool, multiStream bool)
	UseGpu() bool
	UseXpu() bool
	GpuDeviceId() int32
	XpuDeviceId() int32
	MemoryPoolInitSizeMb() int32
	FractionOfGpuMemoryForPool() float32
	SwitchIrOptim(x bool)
	IrOptim() bool
	EnableTensorRtEngine(workspaceSize int64, maxBatchSize int32, minSubgraphSize int32, precision paddle.Precision, useStatic bool, useCalibMode bool)
	TensorRtEngineEnabled() bool
	SetTRTDynamicShapeInfo(minInputShape, maxInputShape, optimInputShape map[string][]int32, disableTrtPluginFp16 bool)
	TensorRtDynamicShapeEnabled() bool
	EnableTunedTensorRtDynamicShape(shapeRangeInfoPath string, allowBuildAtRuntime bool)
	TunedTensorRtDynamicShape() bool
	TrtAllowBuildAtRuntime() bool
	CollectShapeRangeInfo(shapeRangeInfoPath string)
	ShapeRangeInfoPath() string
	ShapeRangeInfoCollected() bool
	DisableTensorRtOPs(ops []string)
	EnableVarseqlen()
	TensorrtOssEnabled() bool
	EnableTensorRtDLA(dlaCore int32)
	TensorrtDlaEnabled() bool
	SwitchIrDebug(x bool)
	EnableMKLDNN()
	SetMkldnnCacheCapacity(capacity int32)
	MkldnnEnabled() bool
	SetCpuMathLibraryNumThreads(mathThreadsNum int)
	CpuMathLibraryNumThreads() int32
	SetMKLDNNOp(opList []string)
	EnableMkldnnBfloat16()
	MkldnnBfloat16Enabled() bool
	SetBfloat16Op(opList []string)
	ThreadLocalStreamEnabled() bool
	SetModelBuffer(prog, params string)
	ModelFromMemory() bool
	EnableMemoryOptim(x bool)
	MemoryOptimEnabled() bool
	EnableProfile()
	ProfileEnabled() bool
	DisableGlogInfo()
	GlogInfoDisabled() bool
	IsValid() bool
	EnableGpuMultiStream()
	DeletePass(pass string)
	AppendPass(pass string)
	InsertPass(idx uint64, pass string)
	AllPasses() []string
	Summary() string
}

// configBeside26 is what releases before 2.6 had, and the names that the development branch went on with.
type configBeside26 interface {
	EnableNpu(deviceId int32)
	UseNpu() bool
	NpuDeviceId() int32
	EnableTensorRtOSS()
	EnableLiteEngine(precision paddle.Precision, zeroCopy bool, passesFilter []string, opsFilter []string)
	LiteEngineEnabled() bool
	EnableMkldnnQuantizer()
	MkldnnQuantizerEnabled() bool
	EnableONEDNN()
	SetOnednnCacheCapacity(capacity int32)
	SetONEDNNOp(opList []string)
}

type oldPredictor interface {
	Clone() *paddle.Predictor
	GetInputNum() uint
	GetOutputNum() uint
	GetInputNames() []string
	GetOutputNames() []string
	GetInputHandle(name string) *paddle.Tensor
	GetOutputHandle(name string) *paddle.Tensor
	Run()
	ClearIntermediateTensor()
	TryShrinkMemory()
}

type oldTensor interface {
	Reshape(shape []int32)
	Shape() []int32
	SetLod(lod [][]uint)
	Lod() [][]uint
	Type() paddle.DataType
	Name() string
	CopyFromCpu(value interface{})
	CopyToCpu(value interface{})
}
