package paddlecompat

// cpu is what was said of the CPU.
type cpu struct {
	threads     int // 0 = 1
	onnxRuntime bool
	oneDNN      bool
	bfloat16    bool
	quantizer   bool
}

// SetCpuMathLibraryNumThreads is the threads of one run, 1 unless set. A negative number is an error of NewPredictor. Runs
// of several predictors share the cores of the machine, however many threads each asks for.
func (config *Config) SetCpuMathLibraryNumThreads(mathThreadsNum int) {
	config.cpu.threads = mathThreadsNum
}

// CpuMathLibraryNumThreads is the threads of one run.
func (config *Config) CpuMathLibraryNumThreads() int32 {
	if config.cpu.threads == 0 {
		return 1
	}
	return int32(config.cpu.threads)
}

// EnableONNXRuntime makes ONNX Runtime run the model; NewPredictor fails if it cannot. Otherwise the first engine that
// loads the model does.
func (config *Config) EnableONNXRuntime() { config.cpu.onnxRuntime = true }

// DisableONNXRuntime takes EnableONNXRuntime back. ONNX Runtime may still be the engine that is chosen.
func (config *Config) DisableONNXRuntime() { config.cpu.onnxRuntime = false }

// ONNXRuntimeEnabled says whether EnableONNXRuntime holds.
func (config *Config) ONNXRuntimeEnabled() bool { return config.cpu.onnxRuntime }

// EnableORTOptimization changes nothing: ONNX Runtime always optimises.
func (config *Config) EnableORTOptimization() {}

// EnableMKLDNN changes nothing: every engine has its own kernels for the CPU, oneDNN among them, and always uses them.
func (config *Config) EnableMKLDNN() { config.cpu.oneDNN = true }

// EnableONEDNN is EnableMKLDNN, as it was called last.
func (config *Config) EnableONEDNN() { config.EnableMKLDNN() }

// MkldnnEnabled says whether EnableMKLDNN was called.
func (config *Config) MkldnnEnabled() bool { return config.cpu.oneDNN }

// SetMkldnnCacheCapacity changes nothing: engines keep what they made for the shapes seen as they see fit.
func (config *Config) SetMkldnnCacheCapacity(capacity int32) {}

// SetOnednnCacheCapacity is SetMkldnnCacheCapacity, as it was called last.
func (config *Config) SetOnednnCacheCapacity(capacity int32) {}

// SetMKLDNNOp changes nothing: the engine chooses for each operator.
func (config *Config) SetMKLDNNOp(opList []string) {}

// SetONEDNNOp is SetMKLDNNOp, as it was called last.
func (config *Config) SetONEDNNOp(opList []string) {}

// EnableMkldnnQuantizer has no meaning here: the model is computed in the types that it has.
func (config *Config) EnableMkldnnQuantizer() { config.cpu.quantizer = true }

// MkldnnQuantizerEnabled says whether EnableMkldnnQuantizer was called.
func (config *Config) MkldnnQuantizerEnabled() bool { return config.cpu.quantizer }

// EnableMkldnnBfloat16 lets the engine compute in bfloat16 where it and the CPU can. Where they cannot it is float32, as in
// the old API.
func (config *Config) EnableMkldnnBfloat16() { config.cpu.bfloat16 = true }

// MkldnnBfloat16Enabled says whether EnableMkldnnBfloat16 was called. What the model is computed in is
// Predictor.Oarlock().Model().Precision.
func (config *Config) MkldnnBfloat16Enabled() bool { return config.cpu.bfloat16 }

// SetBfloat16Op changes nothing: bfloat16 is for the whole model.
func (config *Config) SetBfloat16Op(opList []string) {}
