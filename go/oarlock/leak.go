package oarlock

import "sync/atomic"

// Leak is what was never closed, of one kind.
type Leak struct {
	// Kind is "tensor", "predictor", "runner", "runtime" or "image".
	Kind string
	// Open is how many there are now.
	Open int64
	// Lost is how many Go has collected that nobody had closed. They have been closed by that; yet each is a defect of the
	// program, and had its memory longer than it needed it.
	Lost int64
	// Sites says where those that are open were made, as "file:line", with the build tag oarlock_check.
	Sites map[string]int
}

// Leaks reports what was never closed, for the end of tests and for metrics: kinds that have nothing open and have lost
// nothing are left out. Tensors count from when they are bound, or used for
// the second time: before that there is nothing to let go of.
func Leaks() []Leak {
	loans.settle()
	var leaks []Leak
	for k := range kindCount {
		leak := Leak{Kind: k.String(), Open: counts[k].open.Load(), Lost: counts[k].lost.Load()}
		if leak.Open != 0 || leak.Lost != 0 {
			leak.Sites = k.sites()
			leaks = append(leaks, leak)
		}
	}
	return leaks
}

// kind is one of what can be closed.
type kind int

const (
	kindTensor kind = iota
	kindPredictor
	kindRunner
	kindRuntime
	kindImage
	kindCount
)

var counts [kindCount]struct{ open, lost atomic.Int64 }

func (k kind) String() string {
	return [...]string{"tensor", "predictor", "runner", "runtime", "image"}[k]
}

func (k kind) opened() { counts[k].open.Add(1) }
func (k kind) closed() { counts[k].open.Add(-1) }
func (k kind) lost() {
	counts[k].open.Add(-1)
	counts[k].lost.Add(1)
}
