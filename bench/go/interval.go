package main

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// interval is a median and its 95 % interval: the percentile bootstrap, as bench/bootstrap.py makes it.
type interval struct {
	Median float64 `json:"median"`
	Low95  float64 `json:"low95"`
	High95 float64 `json:"high95"`
}

const resampleCount = 4000

func intervalOf(values []float64) interval {
	random := rand.New(rand.NewPCG(1, 1))
	medians := make([]float64, resampleCount)
	drawn := make([]float64, len(values))
	for i := range medians {
		for j := range drawn {
			drawn[j] = values[random.IntN(len(values))]
		}
		slices.Sort(drawn)
		medians[i] = at(drawn, 0.5)
	}
	slices.Sort(medians)
	return interval{quantile(values, 0.5), at(medians, 0.025), at(medians, 0.975)}
}

// at is the value of what is sorted that is nearest to a quantile.
func at[T cmp.Ordered](sorted []T, share float64) T {
	return sorted[int(share*float64(len(sorted)-1)+0.5)]
}

func quantile[T cmp.Ordered](values []T, share float64) T {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return at(sorted, share)
}

// paired combines two series round by round: what disturbs the machine for a while disturbs both.
func paired(a, b []float64, combine func(a, b float64) float64) []float64 {
	combined := make([]float64, len(a))
	for i := range a {
		combined[i] = combine(a[i], b[i])
	}
	return combined
}

func difference(a, b float64) float64 { return a - b }

func ratio(a, b float64) float64 { return a / b }
