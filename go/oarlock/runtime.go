package oarlock

import (
	"context"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/oarlock/oarlock/go/internal/driver"
)

// RuntimeOptions are what all models of a runtime share. The zero value is right for most programs.
type RuntimeOptions struct {
	// ThreadBudget is the threads that may compute at once, over all models; 0 = the cores this process may use.
	ThreadBudget int
	// EnginePath is the directory of engine plugins; "" = oarlock/engines beside the library.
	EnginePath string
	// CacheDir is where converted models are kept; "" = the user's cache directory, "none" = nowhere.
	CacheDir string
	// Library is liboarlock.so; "" = the first of the right version in the program's directory, in lib within it or beside
	// it, and where the system looks. A process has one: the first that a runtime was made with.
	Library string
	// Logger gets what the library has to say; nil = slog.Default() gets its warnings and errors.
	Logger *slog.Logger
}

// Runtime is what all models of a process share: the engines, and a budget of threads. One is enough for a process. Any
// goroutine may use it.
type Runtime struct {
	state *runtimeState
}

type runtimeState struct {
	driver driver.Driver
	handle driver.Handle
	closed atomic.Bool
	site   string
}

func (s *runtimeState) close() bool {
	if !s.closed.CompareAndSwap(false, true) {
		return false
	}
	s.driver.CloseRuntime(s.handle)
	kindRuntime.forget(s.site)
	return true
}

// NewRuntime makes a runtime. Engines are opened when a model first needs them.
func NewRuntime(options RuntimeOptions) (*Runtime, error) {
	d, err := openLibrary(options.Library)
	if err != nil {
		return nil, err
	}
	return newRuntime(d, options)
}

func newRuntime(d driver.Driver, options RuntimeOptions) (*Runtime, error) {
	if options.ThreadBudget < 0 {
		return nil, failed(InvalidArgument, "ThreadBudget is %d; it must be 0 (all cores) or more", options.ThreadBudget)
	}
	for name, value := range map[string]string{"EnginePath": options.EnginePath, "CacheDir": options.CacheDir} {
		if strings.ContainsRune(value, 0) {
			return nil, failed(InvalidArgument, "%s has a NUL in it: %q", name, value)
		}
	}
	handle, status := d.NewRuntime(driver.RuntimeOptions{
		ThreadBudget: options.ThreadBudget, EnginePath: options.EnginePath, CacheDir: options.CacheDir,
		Log: logTo(options.Logger),
	})
	if !status.OK() {
		return nil, errorOf(status)
	}
	kindRuntime.opened()
	r := &Runtime{&runtimeState{driver: d, handle: handle, site: kindRuntime.note()}}
	runtime.AddCleanup(r, func(s *runtimeState) {
		if s.close() {
			kindRuntime.lost()
		}
	}, r.state)
	return r, nil
}

// logTo gives the library's lines to a logger. Its levels are those of oar_log_level.
func logTo(logger *slog.Logger) func(int32, string) {
	return func(level int32, message string) {
		severity := [...]slog.Level{slog.LevelInfo, slog.LevelInfo, slog.LevelWarn, slog.LevelError}[level&3]
		switch {
		case logger != nil:
			logger.Log(context.Background(), severity, message)
		case severity >= slog.LevelWarn:
			slog.Default().Log(context.Background(), severity, message)
		}
	}
}

var defaultRuntime struct {
	mu      sync.Mutex
	runtime *Runtime
}

// Default is the runtime that [Load] uses, made with all defaults when it is first needed. It is never closed.
func Default() (*Runtime, error) {
	defaultRuntime.mu.Lock()
	defer defaultRuntime.mu.Unlock()
	if defaultRuntime.runtime == nil {
		made, err := NewRuntime(RuntimeOptions{})
		if err != nil {
			return nil, err
		}
		kindRuntime.closed() // it is to stay
		defaultRuntime.runtime = made
	}
	return defaultRuntime.runtime, nil
}

// Close lets go of it. Its models keep what they need. Closing twice is no error.
func (r *Runtime) Close() error {
	if r.state.close() {
		kindRuntime.closed()
	}
	runtime.KeepAlive(r)
	return nil
}

func (r *Runtime) check() error {
	if r == nil || r.state == nil {
		return failed(InvalidArgument, "no runtime; NewRuntime makes one")
	}
	if r.state.closed.Load() {
		return closedError("runtime")
	}
	return nil
}

// Engine is an engine plugin that is there, or that could be.
type Engine struct {
	// Name is what LoadOptions.Engine calls it.
	Name string
	// Version is that of the engine behind the plugin; "" if it cannot be used.
	Version string
	// Path is the plugin's file; "" if there is none.
	Path string
	// Err is nil if it can be used, else why not, and what to do about it.
	Err error
}

// Engines are those that are there, and those that could be.
func (r *Runtime) Engines() ([]Engine, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	found, status := r.state.driver.Engines(r.state.handle)
	runtime.KeepAlive(r)
	if !status.OK() {
		return nil, errorOf(status)
	}
	engines := make([]Engine, len(found))
	for i, engine := range found {
		engines[i] = Engine{engine.Name, engine.Version, engine.Path, errorOf(engine.Status)}
	}
	return engines, nil
}

// Hardware is what the machine offers this process.
type Hardware struct {
	// UsableCores is the least of the affinity mask and the cgroup's quota; at least 1.
	UsableCores int
	// ThreadBudget is the runtime's.
	ThreadBudget int
	// MemoryBytes is the machine's, or the cgroup's limit where that is less; 0 if neither is told.
	MemoryBytes uint64
	// ResidentBytes is this process' now.
	ResidentBytes uint64
	// CPUFlags are the kernel's names of what a core can do, with spaces between: "avx2 sse4_2".
	CPUFlags string
}

// Hardware is what the machine offers this process.
func (r *Runtime) Hardware() (Hardware, error) {
	if err := r.check(); err != nil {
		return Hardware{}, err
	}
	hardware, status := r.state.driver.Hardware(r.state.handle)
	runtime.KeepAlive(r)
	return Hardware(hardware), errorOf(status)
}
