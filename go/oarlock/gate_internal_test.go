package oarlock

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func gateOf(count int) *gate {
	slots := make([]*slot, count)
	for i := range slots {
		slots[i] = &slot{}
	}
	return newGate(slots)
}

func TestAGateGivesEachSlotOnceAndTheLastUsedFirst(t *testing.T) {
	g := gateOf(3)
	var taken []*slot
	for range 3 {
		it, err := g.acquire(context.Background(), nil)
		if err != nil || it == nil {
			t.Fatal(it, err)
		}
		for _, other := range taken {
			if it == other {
				t.Fatal("a slot was given twice")
			}
		}
		taken = append(taken, it)
	}
	if it := g.pop(); it != nil {
		t.Fatalf("a fourth slot: %v", it)
	}
	g.release(taken[0])
	g.release(taken[2])
	if it := g.pop(); it != taken[2] {
		t.Error("not the one that was used last")
	}
	if all := g.takeAll(); len(all) != 1 || all[0] != taken[0] {
		t.Errorf("%d slots are left, want 1", len(all))
	}
}

// A goroutine that never waits between its calls does not keep the others out for good.
func TestAGateLetsInWhoeverWaits(t *testing.T) {
	g := gateOf(1)
	it, _ := g.acquire(context.Background(), nil)
	var waiting sync.WaitGroup
	var inside atomic.Int32
	for range 8 {
		waiting.Add(1)
		go func() {
			defer waiting.Done()
			it, err := g.acquire(context.Background(), nil)
			if err != nil {
				t.Error(err)
				return
			}
			inside.Add(1)
			g.release(it)
		}()
	}
	deadline := time.Now().Add(20 * time.Second)
	for inside.Load() < 8 {
		g.release(it)
		it, _ = g.acquire(context.Background(), nil)
		if time.Now().After(deadline) {
			t.Fatalf("%d of 8 were let in", inside.Load())
		}
	}
	waiting.Wait()
}

// Whatever ends a wait, and whenever: no slot is lost, and never more are out than there are.
func TestAGateLosesNothing(t *testing.T) {
	const slots, goroutines, rounds = 3, 16, 2000
	g := gateOf(slots)
	var out atomic.Int32
	var all sync.WaitGroup
	for seed := range uint64(goroutines) {
		all.Add(1)
		go func() {
			defer all.Done()
			random := rand.New(rand.NewPCG(seed, seed))
			for range rounds {
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(random.IntN(1500))*time.Microsecond)
				it, err := g.acquire(ctx, nil)
				if err == nil {
					if now := out.Add(1); now > slots {
						t.Errorf("%d are out", now)
					}
					for range random.IntN(2000) {
						it.call.Priority++ // as whoever has it alone may: the race detector sees if another has it
					}
					out.Add(-1)
					g.release(it)
				}
				cancel()
			}
		}()
	}
	all.Wait()
	if free := len(g.takeAll()); free != slots {
		t.Errorf("%d slots are free, want %d", free, slots)
	}
	if waiting, hungry := g.waiting.Load(), g.hungry.Load(); waiting != 0 || hungry != 0 {
		t.Errorf("%d wait and %d are hungry, want none", waiting, hungry)
	}
}
