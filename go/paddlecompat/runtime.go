package paddlecompat

import (
	"log/slog"
	"sync"

	"github.com/oarlock/oarlock/go/oarlock"
)

// settings are what differs between runtimes. Models that want the same share one, and with it the threads.
type settings struct {
	cacheDir string
	quiet    bool
}

// runtimes are those in use. The one without settings is oarlock's own, and not among them.
var runtimes = struct {
	mu sync.Mutex
	of map[settings]*sharedRuntime
}{of: map[settings]*sharedRuntime{}}

type sharedRuntime struct {
	runtime *oarlock.Runtime
	users   int
}

// borrowRuntime finds or makes the runtime for a config. release is called once, when the model is no longer needed.
func borrowRuntime(config *Config) (runtime *oarlock.Runtime, release func(), err error) {
	if config.runtime != nil {
		return config.runtime, func() {}, nil
	}
	wanted := settings{config.cacheDir, config.graph.quiet}
	if wanted == (settings{}) {
		runtime, err = oarlock.Default()
		return runtime, func() {}, err
	}
	runtimes.mu.Lock()
	defer runtimes.mu.Unlock()
	shared := runtimes.of[wanted]
	if shared == nil {
		options := oarlock.RuntimeOptions{CacheDir: wanted.cacheDir}
		if wanted.quiet {
			options.Logger = slog.New(errorsOnly{})
		}
		if runtime, err = oarlock.NewRuntime(options); err != nil {
			return nil, nil, err
		}
		shared = &sharedRuntime{runtime: runtime}
		runtimes.of[wanted] = shared
	}
	shared.users++
	return shared.runtime, func() { returnRuntime(wanted, shared) }, nil
}

func returnRuntime(wanted settings, shared *sharedRuntime) {
	runtimes.mu.Lock()
	defer runtimes.mu.Unlock()
	if shared.users--; shared.users == 0 {
		delete(runtimes.of, wanted)
		shared.runtime.Close()
	}
}
