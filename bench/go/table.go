package main

import (
	"fmt"
	"os"
	"text/tabwriter"
)

func (i interval) text(digits int) string {
	return fmt.Sprintf("%.*f (%.*f to %.*f)", digits, i.Median, digits, i.Low95, digits, i.High95)
}

func table(head string, rows func(row func(format string, values ...any))) {
	writer := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(writer, head)
	rows(func(format string, values ...any) { fmt.Fprintf(writer, format+"\n", values...) })
	writer.Flush()
	fmt.Println()
}

func printCalls(report callsReport) {
	table("one caller\tus a call\tallocations\tbytes", func(row func(string, ...any)) {
		for _, t := range report.Targets {
			row("%s\t%.3f\t%.0f\t%.0f", t.Name, t.CallUs, t.Allocations, t.AllocatedBytes)
		}
	})
	table("minus\t\tus: median (95 %)", func(row func(string, ...any)) {
		for _, o := range report.Overheads {
			row("%s\t%s\t%s", o.Name, o.Raw, o.DifferenceUs.text(3))
		}
	})
	table("ours\ttheirs\tcall, us\tcall, ratio\tadded to C, us", func(row func(string, ...any)) {
		for _, c := range report.Comparisons {
			row("%s\t%s\t%s\t%s\t%s", c.Ours, c.Theirs, c.CallDifferenceUs.text(3), c.CallRatio.text(3), c.OverheadDifferenceUs.text(3))
		}
	})
}

func printLoad(report loadReport) {
	table(fmt.Sprintf("%d goroutines\trequests/s\tp50 us\tp99 us\tp99.9 us\tCPU us\tthreads", report.CallerCount), func(row func(string, ...any)) {
		for _, t := range report.Targets {
			row("%s\t%.0f\t%.1f\t%.1f\t%.1f\t%.1f\t%d", t.Name, t.RequestsPerS, t.LatencyUs["p50"], t.LatencyUs["p99"], t.LatencyUs["p99.9"], t.CPUUs, t.ThreadCount)
		}
	})
	table("Predictor.Infer over\trequests/s\tp99\tCPU", func(row func(string, ...any)) {
		for _, c := range report.Comparisons {
			row("%s\t%s\t%s\t%s", c.Theirs, c.ThroughputRatio.text(3), c.P99Ratio.text(3), c.CPURatio.text(3))
		}
	})
}
