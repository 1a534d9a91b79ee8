package main

import (
	"fmt"
	"runtime"
	"time"
)

// target is a way to call a model, that many times one after the other.
type target struct {
	name string
	run  func(count int) error
}

// calls is what was measured of a target.
type calls struct {
	Name string `json:"name"`
	// CallUs is the median time of a call.
	CallUs float64 `json:"call_us"`
	// Allocations and AllocatedBytes are Go's, of one call.
	Allocations    float64 `json:"allocations_per_call"`
	AllocatedBytes float64 `json:"allocated_bytes_per_call"`
	// RoundsUs are the times of a call, by round.
	RoundsUs []float64 `json:"-"`
}

// schedule is how long each target is measured: rounds blocks, duration in all, after warmUp.
type schedule struct {
	rounds           int
	duration, warmUp time.Duration
}

// measure measures the targets in blocks that take turns: A B, B A, A B, ...
func measure(targets []target, plan schedule) ([]calls, error) {
	measured := make([]calls, len(targets))
	counts := make([]int, len(targets))
	block := plan.duration / time.Duration(plan.rounds)
	for i, t := range targets {
		measured[i].Name = t.name
		count, err := calibrate(t, plan.warmUp, block)
		if err != nil {
			return nil, err
		}
		counts[i] = count
		if measured[i].Allocations, measured[i].AllocatedBytes, err = allocations(t); err != nil {
			return nil, err
		}
	}
	for round := range plan.rounds {
		for turn := range targets {
			i := turn
			if round%2 == 1 {
				i = len(targets) - 1 - turn
			}
			took, err := timed(targets[i], counts[i])
			if err != nil {
				return nil, err
			}
			measured[i].RoundsUs = append(measured[i].RoundsUs, float64(took.Nanoseconds())/1e3/float64(counts[i]))
		}
	}
	for i := range measured {
		measured[i].CallUs = quantile(measured[i].RoundsUs, 0.5)
	}
	return measured, nil
}

func timed(t target, count int) (time.Duration, error) {
	began := time.Now()
	if err := t.run(count); err != nil {
		return 0, fmt.Errorf("%s: %w", t.name, err)
	}
	return time.Since(began), nil
}

// calibrate warms up, and says how many calls a block is.
func calibrate(t target, warmUp, block time.Duration) (int, error) {
	count := 1
	for spent := time.Duration(0); ; count *= 2 {
		took, err := timed(t, count)
		if err != nil {
			return 0, err
		}
		if spent += took; spent >= warmUp {
			return max(1, int(float64(count)*float64(block)/float64(took))), nil
		}
	}
}

// allocations counts what a call allocates in Go's memory, and its bytes.
func allocations(t target) (count, bytes float64, err error) {
	const runs = 1000
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err = t.run(runs)
	runtime.ReadMemStats(&after)
	// Whole ones: of what the runtime itself allocates meanwhile, less than one falls on a call.
	return float64((after.Mallocs - before.Mallocs) / runs), float64((after.TotalAlloc - before.TotalAlloc) / runs), err
}
