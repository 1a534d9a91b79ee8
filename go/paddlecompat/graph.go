package paddlecompat

import "slices"

// graph is what was said of the graph's optimisation, and of reports.
type graph struct {
	plain          bool // SwitchIrOptim(false)
	debug          bool
	noFCPadding    bool
	memoryOptim    bool
	profile, quiet bool
	passes         []string
	arePasses      bool // any of the calls for passes was made
}

// SwitchIrOptim changes nothing: engines always optimise the graph. SwitchIrOptim(false) is noted in the log.
func (config *Config) SwitchIrOptim(x bool) { config.graph.plain = !x }

// IrOptim is what SwitchIrOptim was told, or true.
func (config *Config) IrOptim() bool { return !config.graph.plain }

// SwitchIrDebug asked for pictures of the graph after each pass. None are made.
func (config *Config) SwitchIrDebug(x bool) { config.graph.debug = x }

// DisableFCPadding changes nothing: how matrices are laid out is the engine's affair.
func (config *Config) DisableFCPadding() { config.graph.noFCPadding = true }

// UseFcPadding is true until DisableFCPadding is called.
func (config *Config) UseFcPadding() bool { return !config.graph.noFCPadding }

// EnableMemoryOptim changes nothing: engines always use memory again within a run.
func (config *Config) EnableMemoryOptim(x bool) { config.graph.memoryOptim = x }

// MemoryOptimEnabled is what EnableMemoryOptim was told, or false.
func (config *Config) MemoryOptimEnabled() bool { return config.graph.memoryOptim }

// EnableProfile writes a line to the log when the last predictor of the model is closed: how many runs there were and how
// long they took in all. Times of single operators are not told.
func (config *Config) EnableProfile() { config.graph.profile = true }

// ProfileEnabled says whether EnableProfile was called.
func (config *Config) ProfileEnabled() bool { return config.graph.profile }

// DisableGlogInfo keeps what is no error out of the log.
func (config *Config) DisableGlogInfo() { config.graph.quiet = true }

// GlogInfoDisabled says whether DisableGlogInfo was called.
func (config *Config) GlogInfoDisabled() bool { return config.graph.quiet }

// AppendPass changes only AllPasses: engines have passes of their own.
func (config *Config) AppendPass(pass string) {
	config.InsertPass(uint64(len(config.graph.passes)), pass)
}

// InsertPass changes only AllPasses. idx beyond the end is the end.
func (config *Config) InsertPass(idx uint64, pass string) {
	at := min(idx, uint64(len(config.graph.passes)))
	config.graph.passes = slices.Insert(config.graph.passes, int(at), pass)
	config.graph.arePasses = true
}

// DeletePass changes only AllPasses.
func (config *Config) DeletePass(pass string) {
	config.graph.passes = slices.DeleteFunc(config.graph.passes, func(p string) bool { return p == pass })
	config.graph.arePasses = true
}

// AllPasses are those that were appended and inserted and not deleted. Paddle's own are not among them.
func (config *Config) AllPasses() []string { return slices.Clone(config.graph.passes) }
