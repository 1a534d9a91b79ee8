package paddlecompat

import (
	"fmt"
	"strings"
)

// Summary is what is set, one line each, and which of it has no meaning here.
func (config *Config) Summary() string {
	var b strings.Builder
	line := func(name string, value any) { fmt.Fprintf(&b, "%-26s %v\n", name, value) }
	switch {
	case config.isBuffer:
		line("model", fmt.Sprintf("a buffer of %d bytes", len(config.prog)))
		line("params", fmt.Sprintf("a buffer of %d bytes", len(config.params)))
	case config.modelDir != "":
		line("model_dir", config.modelDir)
	default:
		line("model_file", config.progFile)
		line("params_file", config.paramsFile)
	}
	line("cpu_math_thread", config.CpuMathLibraryNumThreads())
	line("enable_onnxruntime", config.cpu.onnxRuntime)
	line("enable_mkldnn", config.cpu.oneDNN)
	line("enable_mkldnn_bfloat16", config.cpu.bfloat16)
	line("use_gpu", config.device.gpu)
	line("use_xpu", config.device.xpu)
	line("use_npu", config.device.npu)
	line("ir_optim", config.IrOptim())
	line("enable_memory_optim", config.graph.memoryOptim)
	line("enable_profile", config.graph.profile)
	line("enable_log", !config.graph.quiet)
	line("optim_cache_dir", config.cacheDir)
	line("without_meaning", strings.Join(config.withoutMeaning(), ", "))
	return b.String()
}

// withoutMeaning are the calls made that ask for something that is not there, and without which the results are the same.
func (config *Config) withoutMeaning() []string {
	var calls []string
	for _, call := range []struct {
		name string
		made bool
	}{
		{"EnableTensorRtEngine", config.tensorRT.enabled},
		{"SetTRTDynamicShapeInfo", config.tensorRT.dynamicShape},
		{"EnableTunedTensorRtDynamicShape", config.tensorRT.tuned},
		{"CollectShapeRangeInfo", config.tensorRT.collectPath != ""},
		{"DisableTensorRtOPs", config.tensorRT.disabledOps},
		{"EnableVarseqlen", config.tensorRT.oss},
		{"EnableTensorRtDLA", config.tensorRT.dla},
		{"EnableGpuMultiStream", config.device.multiStream},
		{"EnableLiteEngine", config.lite},
		{"EnableMkldnnQuantizer", config.cpu.quantizer},
		{"SwitchIrOptim(false)", config.graph.plain},
		{"SwitchIrDebug(true)", config.graph.debug},
		{"AppendPass, InsertPass or DeletePass", config.graph.arePasses},
	} {
		if call.made {
			calls = append(calls, call.name)
		}
	}
	return calls
}
