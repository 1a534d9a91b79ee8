package main

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"time"
)

// Result is what was measured. Latencies are of answers that came with status 200.
type Result struct {
	Connections    int     `json:"connections"`
	Seconds        float64 `json:"seconds"`
	Requests       int     `json:"requests"`
	RequestsPerS   float64 `json:"requests_per_s"`
	P50Millisecond float64 `json:"p50_ms"`
	P99Millisecond float64 `json:"p99_ms"`
	Errors         int     `json:"errors"`
	// FirstError is the text of one of them.
	FirstError string `json:"first_error,omitempty"`
}

func (r Result) String() string {
	text := fmt.Sprintf("%.0f requests/s, p50 %.2f ms, p99 %.2f ms, %d errors (%d connections, %.1f s)",
		r.RequestsPerS, r.P50Millisecond, r.P99Millisecond, r.Errors, r.Connections, r.Seconds)
	if r.FirstError != "" {
		text += "\nfirst error: " + r.FirstError
	}
	return text
}

// sample is what one connection saw.
type sample struct {
	latencies []time.Duration
	errors    int
	first     error
}

// measure asks over all connections at once; each begins with another picture.
func measure(host string, requests [][]byte, connections int, warmUp, duration time.Duration) (Result, error) {
	begin := time.Now().Add(warmUp)
	end := begin.Add(duration)
	samples := make([]sample, connections)
	var group sync.WaitGroup
	for i := range samples {
		group.Add(1)
		go func() {
			defer group.Done()
			samples[i] = askUntil(&connection{host: host}, requests, i, begin, end)
		}()
	}
	group.Wait()
	return summary(samples, time.Since(begin))
}

// askUntil asks one request after the other, at least one, and counts those sent from begin on. Errors always count.
func askUntil(c *connection, requests [][]byte, first int, begin, end time.Time) (s sample) {
	defer c.close()
	for i := first; i == first || time.Now().Before(end); i++ {
		sent := time.Now()
		err := c.ask(requests[i%len(requests)])
		switch {
		case err != nil:
			s.errors++
			if s.first == nil {
				s.first = err
			}
		case !sent.Before(begin):
			s.latencies = append(s.latencies, time.Since(sent))
		}
	}
	return s
}

func summary(samples []sample, elapsed time.Duration) (Result, error) {
	result := Result{Connections: len(samples), Seconds: elapsed.Seconds()}
	var latencies []time.Duration
	for _, s := range samples {
		latencies = append(latencies, s.latencies...)
		result.Errors += s.errors
		if s.first != nil && result.FirstError == "" {
			result.FirstError = s.first.Error()
		}
	}
	if len(latencies) == 0 {
		return Result{}, fmt.Errorf("nothing was answered; %d errors, the first: %s", result.Errors, result.FirstError)
	}
	slices.Sort(latencies)
	result.Requests = len(latencies)
	result.RequestsPerS = float64(len(latencies)) / elapsed.Seconds()
	result.P50Millisecond = milliseconds(percentile(latencies, 0.50))
	result.P99Millisecond = milliseconds(percentile(latencies, 0.99))
	return result, nil
}

// percentile is the least of the sorted values that a share of them does not exceed (nearest rank).
func percentile(sorted []time.Duration, share float64) time.Duration {
	return sorted[max(int(math.Ceil(share*float64(len(sorted))))-1, 0)]
}

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
