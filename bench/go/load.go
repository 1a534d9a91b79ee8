package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// crowd is goroutines that call a model, each again when it has its answer.
type crowd struct {
	name    string
	callers []func() error
	// latencies are those of the block, by caller.
	latencies [][]int64
}

func newCrowd(name string, count int, newCaller func() (func() error, error)) (*crowd, error) {
	c := &crowd{name: name, latencies: make([][]int64, count)}
	for range count {
		caller, err := newCaller()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		c.callers = append(c.callers, caller)
	}
	return c, nil
}

// block calls for a while. It says how many answers came in a second, and the processor's time of each.
func (c *crowd) block(duration time.Duration) (perS, cpuUs float64, err error) {
	var all sync.WaitGroup
	errs := make([]error, len(c.callers))
	cpu := cpuTime()
	began := time.Now()
	for i, call := range c.callers {
		all.Add(1)
		go func() {
			defer all.Done()
			latencies := c.latencies[i][:0]
			for before := time.Now(); len(latencies) == 0 || before.Sub(began) < duration; {
				if errs[i] = call(); errs[i] != nil {
					break
				}
				after := time.Now()
				latencies = append(latencies, after.Sub(before).Nanoseconds())
				before = after
			}
			c.latencies[i] = latencies
		}()
	}
	all.Wait()
	took := time.Since(began)
	answers := 0
	for i, err := range errs {
		if err != nil {
			return 0, 0, fmt.Errorf("%s: %w", c.name, err)
		}
		answers += len(c.latencies[i])
	}
	return float64(answers) / took.Seconds(), float64((cpuTime() - cpu).Nanoseconds()) / 1e3 / float64(answers), nil
}

// cpuTime is what the process has used of the processors.
func cpuTime() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// loaded is what was measured of a crowd.
type loaded struct {
	Name         string             `json:"name"`
	RequestsPerS float64            `json:"requests_per_s"`
	LatencyUs    map[string]float64 `json:"latency_us"`
	// CPUUs is the processor's time of a request: unlike the others, it does not depend on what else the machine does.
	CPUUs float64 `json:"cpu_us"`
	// ThreadCount is what the process had grown to by the end of its first block.
	ThreadCount int       `json:"thread_count"`
	RoundsPerS  []float64 `json:"-"`
	RoundsP99Us []float64 `json:"-"`
	RoundsCPUUs []float64 `json:"-"`
}

var quantiles = map[string]float64{"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999}

// measureLoad measures the crowds in blocks that take turns. The first block of each is not counted.
func measureLoad(crowds []*crowd, plan schedule) ([]loaded, error) {
	measured := make([]loaded, len(crowds))
	byRound := make([]map[string][]float64, len(crowds))
	for i, c := range crowds {
		measured[i].Name, byRound[i] = c.name, map[string][]float64{}
		if _, _, err := c.block(plan.warmUp); err != nil {
			return nil, err
		}
		measured[i].ThreadCount = threadCount()
	}
	for round := range plan.rounds {
		for turn := range crowds {
			i := (turn + round) % len(crowds)
			rate, cpuUs, err := crowds[i].block(plan.duration / time.Duration(plan.rounds))
			if err != nil {
				return nil, err
			}
			measured[i].RoundsPerS = append(measured[i].RoundsPerS, rate)
			measured[i].RoundsCPUUs = append(measured[i].RoundsCPUUs, cpuUs)
			all := slices.Concat(crowds[i].latencies...)
			slices.Sort(all)
			for name, share := range quantiles {
				byRound[i][name] = append(byRound[i][name], float64(at(all, share))/1e3)
			}
		}
	}
	for i := range measured {
		m := &measured[i]
		m.RequestsPerS, m.CPUUs = quantile(m.RoundsPerS, 0.5), quantile(m.RoundsCPUUs, 0.5)
		m.RoundsP99Us, m.LatencyUs = byRound[i]["p99"], map[string]float64{}
		for name, values := range byRound[i] {
			m.LatencyUs[name] = quantile(values, 0.5)
		}
	}
	return measured, nil
}

// threadCount is the process' threads, as Linux tells it; 0 where it does not.
func threadCount() int {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if text, ok := strings.CutPrefix(line, "Threads:"); ok {
			count, _ := strconv.Atoi(strings.TrimSpace(text))
			return count
		}
	}
	return 0
}

// loadComparison is of the first crowd and another: each a ratio, ours over theirs.
type loadComparison struct {
	Theirs          string   `json:"theirs"`
	ThroughputRatio interval `json:"throughput_ratio"`
	P99Ratio        interval `json:"p99_ratio"`
	CPURatio        interval `json:"cpu_ratio"`
}

type loadReport struct {
	Model       string           `json:"model"`
	CallerCount int              `json:"caller_count"`
	Executions  int              `json:"executions"` // of our predictor; 0 = as many as there are cores
	Targets     []loaded         `json:"targets"`
	Comparisons []loadComparison `json:"comparisons"`
}

func reportLoad(a *arguments, measured []loaded) loadReport {
	report := loadReport{Model: a.model, CallerCount: a.callers, Executions: a.executions, Targets: measured}
	ours := measured[0]
	for _, theirs := range measured[1:] {
		report.Comparisons = append(report.Comparisons, loadComparison{
			theirs.Name,
			intervalOf(paired(ours.RoundsPerS, theirs.RoundsPerS, ratio)),
			intervalOf(paired(ours.RoundsP99Us, theirs.RoundsP99Us, ratio)),
			intervalOf(paired(ours.RoundsCPUUs, theirs.RoundsCPUUs, ratio)),
		})
	}
	return report
}
