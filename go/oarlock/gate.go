package oarlock

import (
	"context"
	"sync/atomic"
	"time"
)

// gate gives out the executions of a model: as many goroutines as there are slots run, and the others wait without a thread
// of their own.
//
// Who comes by while a slot is free gets it, though others wait: a goroutine that calls again and again goes on without a
// switch to another one for each call. Who has waited for patience in vain is handed the next slot that is let go of.
type gate struct {
	slots []*slot
	// free is a stack of slots: the index of the top one plus 1 (0 = none) in the lower half. The upper half counts
	// changes, so that a top that was taken and put back meanwhile is not mistaken for one that stayed.
	free    atomic.Uint64
	waiting atomic.Int32
	hungry  atomic.Int32
	wake    chan struct{} // a slot may be free: for one who waits
	handed  chan *slot    // for one who is hungry
}

const patience = time.Millisecond

func newGate(slots []*slot) *gate {
	g := &gate{slots: slots, wake: make(chan struct{}, len(slots)), handed: make(chan *slot)}
	for i, it := range slots {
		it.place = uint32(i) + 1
		g.push(it)
	}
	return g
}

func (g *gate) push(it *slot) {
	for {
		old := g.free.Load()
		it.below.Store(uint32(old))
		if g.free.CompareAndSwap(old, (old>>32+1)<<32|uint64(it.place)) {
			return
		}
	}
}

// pop takes a slot, the one that was used last; nil if none is free.
func (g *gate) pop() *slot {
	for {
		old := g.free.Load()
		place := uint32(old)
		if place == 0 {
			return nil
		}
		it := g.slots[place-1]
		if g.free.CompareAndSwap(old, (old>>32+1)<<32|uint64(it.below.Load())) {
			return it
		}
	}
}

// acquire waits for a slot. Where closed can be received from, the predictor was closed.
func (g *gate) acquire(ctx context.Context, closed <-chan struct{}) (*slot, error) {
	if it := g.pop(); it != nil {
		return it, nil
	}
	return g.wait(ctx, closed)
}

func (g *gate) wait(ctx context.Context, closed <-chan struct{}) (*slot, error) {
	var expired <-chan time.Time
	if deadline, ok := ctx.Deadline(); ok && ctx.Done() == nil {
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		expired = timer.C
	}
	began := time.Now()
	var handed <-chan *slot
	g.waiting.Add(1)
	defer func() {
		g.waiting.Add(-1)
		if handed != nil {
			g.hungry.Add(-1)
		}
	}()
	for {
		// After it is counted: whoever lets go of a slot either leaves it before this looks, or sees that somebody waits.
		if it := g.pop(); it != nil {
			return it, nil
		}
		if handed == nil && time.Since(began) >= patience {
			handed = g.handed
			g.hungry.Add(1)
		}
		select {
		case it := <-handed:
			return it, nil
		case <-g.wake:
		case <-ctx.Done():
			return nil, contextError(ctx)
		case <-expired:
			return nil, failed(DeadlineExceeded, "the deadline passed before an execution became free")
		case <-closed:
			return nil, closedError("predictor")
		}
	}
}

// release gives back a slot, to whoever is hungry first.
func (g *gate) release(it *slot) {
	if g.hungry.Load() > 0 {
		select {
		case g.handed <- it:
			return
		default: // it has not got so far, or has just gone; it looks itself, or is woken
		}
	}
	g.push(it)
	if g.waiting.Load() > 0 {
		select {
		case g.wake <- struct{}{}:
		default: // as many are about to look as there are slots
		}
	}
}

// takeAll takes the slots that nobody has.
func (g *gate) takeAll() []*slot {
	var taken []*slot
	for it := g.pop(); it != nil; it = g.pop() {
		taken = append(taken, it)
	}
	return taken
}
