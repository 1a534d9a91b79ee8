package paddlecompat

// tensorRT is what was said of TensorRT, which accelerates parts of a model on a GPU. It was a hint: the results are those
// of the model. So it is noted in the log, and the CPU runs all parts.
type tensorRT struct {
	enabled, dynamicShape, tuned, buildAtRuntime, oss, dla bool
	disabledOps                                            bool
	collectPath                                            string
}

// EnableTensorRtEngine has no meaning without a GPU. workspaceSize is in bytes.
func (config *Config) EnableTensorRtEngine(workspaceSize int64, maxBatchSize int32, minSubgraphSize int32,
	precision Precision, useStatic bool, useCalibMode bool) {
	config.tensorRT.enabled = true
}

// TensorRtEngineEnabled says whether EnableTensorRtEngine was called.
func (config *Config) TensorRtEngineEnabled() bool { return config.tensorRT.enabled }

// SetTRTDynamicShapeInfo has no meaning without TensorRT: all shapes that the model allows run as they come.
func (config *Config) SetTRTDynamicShapeInfo(minInputShape map[string][]int32, maxInputShape map[string][]int32,
	optimInputShape map[string][]int32, disableTrtPluginFp16 bool) {
	config.tensorRT.dynamicShape = len(minInputShape) > 0
}

// TensorRtDynamicShapeEnabled says whether SetTRTDynamicShapeInfo was given shapes.
func (config *Config) TensorRtDynamicShapeEnabled() bool { return config.tensorRT.dynamicShape }

// EnableTunedTensorRtDynamicShape has no meaning without TensorRT. The file is not read.
func (config *Config) EnableTunedTensorRtDynamicShape(shapeRangeInfoPath string, allowBuildAtRuntime bool) {
	config.tensorRT.tuned, config.tensorRT.buildAtRuntime = true, allowBuildAtRuntime
}

// TunedTensorRtDynamicShape says whether EnableTunedTensorRtDynamicShape was called.
func (config *Config) TunedTensorRtDynamicShape() bool { return config.tensorRT.tuned }

// TrtAllowBuildAtRuntime is what EnableTunedTensorRtDynamicShape was told, or false.
func (config *Config) TrtAllowBuildAtRuntime() bool { return config.tensorRT.buildAtRuntime }

// CollectShapeRangeInfo asked for a file of the shapes seen, which TensorRT is tuned with. None is written.
func (config *Config) CollectShapeRangeInfo(shapeRangeInfoPath string) {
	config.tensorRT.collectPath = shapeRangeInfoPath
}

// ShapeRangeInfoPath is what CollectShapeRangeInfo was told, or "".
func (config *Config) ShapeRangeInfoPath() string { return config.tensorRT.collectPath }

// ShapeRangeInfoCollected says whether CollectShapeRangeInfo was called.
func (config *Config) ShapeRangeInfoCollected() bool { return config.tensorRT.collectPath != "" }

// DisableTensorRtOPs has no meaning without TensorRT.
func (config *Config) DisableTensorRtOPs(ops []string) { config.tensorRT.disabledOps = len(ops) > 0 }

// EnableVarseqlen has no meaning without TensorRT.
func (config *Config) EnableVarseqlen() { config.tensorRT.oss = true }

// EnableTensorRtOSS is what EnableVarseqlen was called in earlier releases.
func (config *Config) EnableTensorRtOSS() { config.EnableVarseqlen() }

// TensorrtOssEnabled says whether EnableVarseqlen was called.
func (config *Config) TensorrtOssEnabled() bool { return config.tensorRT.oss }

// EnableTensorRtDLA has no meaning without TensorRT.
func (config *Config) EnableTensorRtDLA(dlaCore int32) { config.tensorRT.dla = true }

// TensorrtDlaEnabled says whether EnableTensorRtDLA was called.
func (config *Config) TensorrtDlaEnabled() bool { return config.tensorRT.dla }

// EnableLiteEngine has no meaning here: no part of a model is given to Paddle Lite.
func (config *Config) EnableLiteEngine(precision Precision, zeroCopy bool, passesFilter []string, opsFilter []string) {
	config.lite = true
}

// LiteEngineEnabled says whether EnableLiteEngine was called.
func (config *Config) LiteEngineEnabled() bool { return config.lite }
