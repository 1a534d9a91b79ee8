package paddlecompat

import "github.com/oarlock/oarlock/go/oarlock"

// Config is which model is loaded, and how. NewPredictor keeps nothing of it: it may be changed and used again. One
// goroutine at a time may use it. The zero value is that of NewConfig.
type Config struct {
	modelDir, progFile, paramsFile string
	isBuffer                       bool
	prog, params                   string // the buffers
	cacheDir                       string
	runtime                        *oarlock.Runtime

	device   device
	tensorRT tensorRT
	lite     bool
	cpu      cpu
	graph    graph
}

// NewConfig makes a config: no model yet, one thread, on the CPU.
func NewConfig() *Config { return &Config{} }

// SetModel names the program, which is a .pdmodel, a .json or a __model__, and its weights. params may be "": the weights
// are looked for beside the program then. It takes the place of any model set before.
func (config *Config) SetModel(model, params string) {
	config.setModel("", model, params)
}

// SetModelDir names a directory that holds one model: __model__ with one file for each parameter, or any other form.
func (config *Config) SetModelDir(modelDir string) {
	config.setModel(modelDir, "", "")
}

// SetProgFile names the program, and leaves the weights as they are set.
func (config *Config) SetProgFile(model string) {
	config.setModel("", model, config.paramsFile)
}

// SetParamsFile names the weights, and leaves the program as it is set.
func (config *Config) SetParamsFile(params string) {
	config.setModel("", config.progFile, params)
}

func (config *Config) setModel(directory, prog, params string) {
	config.modelDir, config.progFile, config.paramsFile = directory, prog, params
	config.isBuffer, config.prog, config.params = false, "", ""
}

// SetModelBuffer is the program and the weights themselves. They are not copied.
func (config *Config) SetModelBuffer(prog, params string) {
	config.setModel("", "", "")
	config.isBuffer, config.prog, config.params = true, prog, params
}

// ModelFromMemory says whether the model was given by SetModelBuffer.
func (config *Config) ModelFromMemory() bool { return config.isBuffer }

// ModelDir is the directory that was set, or "".
func (config *Config) ModelDir() string { return config.modelDir }

// ProgFile is the program that was set, or "".
func (config *Config) ProgFile() string { return config.progFile }

// ParamsFile is the file of weights that was set, or "".
func (config *Config) ParamsFile() string { return config.paramsFile }

// SetOptimCacheDir is the directory for what was made of models, to load them faster the next time. "" is the user's cache
// directory, as it is unless set.
func (config *Config) SetOptimCacheDir(cacheDir string) { config.cacheDir = cacheDir }

// SetRuntime makes predictors load into a runtime of the program's own, whose logger and cache directory hold then. Until
// it is set they load into one that they share. Not in the old API.
func (config *Config) SetRuntime(runtime *oarlock.Runtime) { config.runtime = runtime }

// IsValid is true; in the old API a config could be used up.
func (config *Config) IsValid() bool { return true }
