package paddlecompat

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"unsafe"

	"github.com/oarlock/oarlock/go/oarlock"
)

// model is what a predictor and its clones share.
type model struct {
	predictor *oarlock.Predictor
	release   func() // gives the runtime back
	profile   bool
	users     atomic.Int32
}

// load does what a config says.
func load(config *Config) (*model, error) {
	if config == nil {
		return nil, failed(oarlock.InvalidArgument, "no config; NewConfig makes one")
	}
	if err := config.device.refusal(); err != nil {
		return nil, err
	}
	runtime, release, err := borrowRuntime(config)
	if err != nil {
		return nil, err
	}
	if calls := config.withoutMeaning(); len(calls) > 0 && !config.graph.quiet {
		slog.Warn("paddlecompat: calls without a meaning here", "calls", strings.Join(calls, ", "))
	}
	options := oarlock.LoadOptions{Threads: config.cpu.threads}
	if config.cpu.onnxRuntime {
		options.Engine = "onnxruntime"
	}
	if config.cpu.bfloat16 {
		options.Precision = oarlock.PrecisionBF16
	}
	predictor, err := loadWith(runtime, config, options)
	if config.cpu.bfloat16 && errors.Is(err, oarlock.ErrUnimplemented) {
		if !config.graph.quiet {
			slog.Warn("paddlecompat: EnableMkldnnBfloat16: float32 is used", "because", err)
		}
		options.Precision = oarlock.PrecisionAuto
		predictor, err = loadWith(runtime, config, options)
	}
	if err != nil {
		release()
		return nil, err
	}
	m := &model{predictor: predictor, release: release, profile: config.graph.profile}
	m.users.Store(1)
	return m, nil
}

func loadWith(runtime *oarlock.Runtime, config *Config, options oarlock.LoadOptions) (*oarlock.Predictor, error) {
	switch {
	case config.isBuffer:
		return runtime.LoadBytes(bytesOf(config.prog), bytesOf(config.params), options)
	case config.modelDir != "":
		return runtime.Load(config.modelDir, options)
	case config.progFile == "":
		return nil, failed(oarlock.FailedPrecondition, "the config names no model; SetModel, SetModelDir or SetModelBuffer does")
	case config.paramsFile == "" || filepath.Clean(config.paramsFile) == weightsBeside(config.progFile):
		return runtime.Load(config.progFile, options)
	}
	// Files of other names, or in other directories: what they hold is told by how it begins.
	prog, err := readFile(config.progFile)
	if err != nil {
		return nil, err
	}
	params, err := readFile(config.paramsFile)
	if err != nil {
		return nil, err
	}
	name := filepath.Base(config.progFile)
	options.Name = strings.TrimSuffix(name, filepath.Ext(name))
	return runtime.LoadBytes(prog, params, options)
}

// weightsBeside is where Runtime.Load looks for a program's weights, or "" for a name that it does not know.
func weightsBeside(prog string) string {
	directory, name := filepath.Split(filepath.Clean(prog))
	if name == "__model__" || name == "__model__.json" {
		return filepath.Join(directory, "__params__")
	}
	if ext := filepath.Ext(name); ext == ".pdmodel" || ext == ".json" {
		return filepath.Join(directory, strings.TrimSuffix(name, ext)+".pdiparams")
	}
	return ""
}

func readFile(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, failed(oarlock.CodeOf(err), "%v", err)
	}
	return content, nil
}

// bytesOf is a string without a copy. Weights are large, and LoadBytes only reads them.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

func (m *model) retain() *model {
	m.users.Add(1)
	return m
}

// letGo closes it when nobody uses it any more.
func (m *model) letGo() {
	if m.users.Add(-1) > 0 {
		return
	}
	if m.profile {
		if s, err := m.predictor.Statistics(); err == nil {
			slog.Info("paddlecompat: profile", "model", m.predictor.Model().Name, "runs", s.Runs, "failed", s.Failed,
				"queue", s.Queue, "prepare", s.Prepare, "compute", s.Compute, "finish", s.Finish)
		}
	}
	m.predictor.Close()
	m.release()
}
