// Command go_binding measures package oarlock beside github.com/yalue/onnxruntime_go: the same ONNX file, the same
// libonnxruntime.so, one thread a session on both sides, in one process, in blocks that take turns.
//
//	go_binding calls [flags] MODEL.onnx   one caller: what a call costs, and what a binding adds to a loop in C
//	go_binding load [flags] MODEL.onnx    many goroutines: requests/s and latencies
//
// MODEL has one input and one output of FP32; dims that may be anything are 1.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"
)

// arguments are those of the command line.
type arguments struct {
	liboarlock, onnxruntime string
	model                   string
	callers, executions     int
	plan                    schedule
	json                    bool
}

func main() {
	if len(os.Args) < 2 || (os.Args[1] != "calls" && os.Args[1] != "load") {
		fmt.Fprintln(os.Stderr, "usage: go_binding calls|load [flags] MODEL.onnx; see go_binding calls -h")
		os.Exit(2)
	}
	run := runCalls
	if os.Args[1] == "load" {
		run = runLoad
	}
	if err := run(parse(os.Args[1], os.Args[2:])); err != nil {
		fmt.Fprintln(os.Stderr, "go_binding:", err)
		os.Exit(1)
	}
}

func parse(command string, words []string) arguments {
	var a arguments
	flags := flag.NewFlagSet("go_binding "+command, flag.ExitOnError)
	flags.StringVar(&a.liboarlock, "library", os.Getenv("OARLOCK_LIBRARY"), "`path` of liboarlock.so; OARLOCK_LIBRARY by default")
	flags.StringVar(&a.onnxruntime, "onnxruntime", "", "`path` of the libonnxruntime.so that liboarlock's engine uses")
	flags.IntVar(&a.callers, "callers", 16, "goroutines of a load")
	flags.IntVar(&a.executions, "executions", 0, "requests that our predictor runs at once; 0 = as many as there are cores")
	flags.IntVar(&a.plan.rounds, "rounds", 60, "blocks of each target")
	seconds := func(name string, to *time.Duration, value time.Duration, usage string) {
		*to = value
		flags.Func(name, fmt.Sprintf("%s, in `seconds` (default %g)", usage, value.Seconds()), func(text string) error {
			var number float64
			if _, err := fmt.Sscanf(text, "%g", &number); err != nil || number <= 0 {
				return fmt.Errorf("it must be a number above 0")
			}
			*to = time.Duration(number * float64(time.Second))
			return nil
		})
	}
	seconds("duration", &a.plan.duration, 6*time.Second, "how long each target is measured in all")
	seconds("warm-up", &a.plan.warmUp, 200*time.Millisecond, "how long each target runs before")
	flags.BoolVar(&a.json, "json", false, "print JSON instead of a table")
	flags.Parse(words)
	if flags.NArg() != 1 || a.liboarlock == "" || a.onnxruntime == "" || a.plan.rounds < 1 || a.callers < 1 {
		fmt.Fprintln(os.Stderr, "go_binding: it takes one model, -library, -onnxruntime, and counts above 0")
		flags.Usage()
		os.Exit(2)
	}
	a.model = flags.Arg(0)
	return a
}

// load gives both sides. Ours comes first: ONNX Runtime has one environment in a process, and keeps the first one's settings.
func (a *arguments) load() (*ours, *theirs, error) {
	o, err := loadOurs(a.liboarlock, a.model, a.executions)
	if err != nil {
		return nil, nil, err
	}
	t, err := loadTheirs(a.onnxruntime, a.model, o)
	return o, t, err
}

func runCalls(a arguments) error {
	o, t, err := a.load()
	if err != nil {
		return err
	}
	mine, err := o.targets(a.liboarlock, a.model)
	if err != nil {
		return err
	}
	others, err := t.targets(a.onnxruntime)
	if err != nil {
		return err
	}
	measured, err := measure(append(mine, others...), a.plan)
	if err != nil {
		return err
	}
	report := reportCalls(a.model, measured)
	return a.print(report, func() { printCalls(report) })
}

func runLoad(a arguments) error {
	o, t, err := a.load()
	if err != nil {
		return err
	}
	var crowds []*crowd
	for _, each := range []struct {
		name string
		make func() (func() error, error)
	}{{"Predictor.Infer", o.caller}, {"one DynamicAdvancedSession", t.sharing}, {"an AdvancedSession each", t.owning}} {
		made, err := newCrowd(each.name, a.callers, each.make)
		if err != nil {
			return err
		}
		crowds = append(crowds, made)
	}
	measured, err := measureLoad(crowds, a.plan)
	if err != nil {
		return err
	}
	report := reportLoad(&a, measured)
	return a.print(report, func() { printLoad(report) })
}

func (a *arguments) print(report any, table func()) error {
	if !a.json {
		table()
		return nil
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	return encoder.Encode(report)
}
