package oarlock_test

import (
	"context"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/oarlock/oarlock/go/oarlock"
	"github.com/oarlock/oarlock/go/oarlocktest"
)

// Goroutines that wait for an execution have no thread of their own: Go never gives one back.
func TestThreeThousandGoroutinesAreFewThreads(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		const goroutines, executions = 3000, 2
		p := scriptWith(t, rt, addScript+"delay_us 200\n", oarlock.LoadOptions{Executions: executions})
		var ready, wg sync.WaitGroup
		ready.Add(goroutines)
		start := make(chan struct{})
		for i := range goroutines {
			spawn(&wg, func() {
				x := tensor(t, oarlock.Shape{1, 16}, numbers(16, float32(i)))
				y := tensor(t, oarlock.Shape{1, 16}, make([]float32, 16))
				ready.Done()
				<-start
				if err := p.Infer(context.Background(), []oarlock.Value{x}, []oarlock.Value{y}); err != nil {
					t.Error(err)
				} else if y.Data()[0] != float32(i+1) {
					t.Errorf("goroutine %d got %v", i, y.Data()[0])
				}
			})
		}
		ready.Wait()
		before := threads(t)
		close(start)
		wg.Wait()
		grown := threads(t) - before
		if most := runtime.GOMAXPROCS(0) + executions + 16; grown > most {
			t.Errorf("%d threads more for %d goroutines; %d at most", grown, goroutines, most)
		}
	})
}

func threads(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/task")
	check(t, err)
	return len(entries)
}

func TestAsManyRunAsThereAreExecutions(t *testing.T) {
	var running, most atomic.Int64
	full := make(chan struct{})
	rt, err := oarlocktest.NewRuntime(map[string]oarlocktest.Model{"m": {
		Inputs:     []oarlock.Port{{Name: "x", DType: oarlock.Int32, Shape: oarlock.Shape{}}},
		Outputs:    []oarlock.Port{{Name: "y", DType: oarlock.Int32, Shape: oarlock.Shape{}}},
		Executions: 3,
		Run: func(c *oarlocktest.Call) ([]oarlock.Value, error) {
			now := running.Add(1)
			defer running.Add(-1)
			for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
			}
			if now == 3 {
				select {
				case <-full:
				default:
					close(full)
				}
			}
			<-full
			return []oarlock.Value{c.Inputs[0].(*oarlock.Tensor[int32]).Clone()}, nil
		},
	}})
	check(t, err)
	defer rt.Close()
	p, err := rt.Load("m", oarlock.LoadOptions{})
	check(t, err)
	defer p.Close()
	var wg sync.WaitGroup
	for i := range 50 {
		spawn(&wg, func() {
			outputs, err := p.Predict(context.Background(), tensor(t, nil, []int32{int32(i)}))
			if err != nil {
				t.Error(err)
				return
			}
			if got, _ := oarlock.DataOf[int32](outputs[0]); got[0] != int32(i) {
				t.Errorf("got %v, want %d", got, i)
			}
			outputs[0].Close()
		})
	}
	wg.Wait()
	if most.Load() != 3 {
		t.Errorf("%d ran at once, want 3", most.Load())
	}
}
