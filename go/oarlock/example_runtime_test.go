package oarlock_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"

	"github.com/oarlock/oarlock/go/oarlock"
	"github.com/oarlock/oarlock/go/oarlocktest"
)

// One runtime for all models of the process: they share its threads.
func ExampleRuntime() {
	rt, err := oarlocktest.NewRuntime(models) // with the library: oarlock.NewRuntime(oarlock.RuntimeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	for _, path := range []string{"digits.onnx", "spam.onnx"} {
		p, err := rt.Load(path, oarlock.LoadOptions{})
		if err != nil {
			log.Fatal(err)
		}
		defer p.Close()
		fmt.Println(p.Model().Inputs[0].Name, "->", p.Model().Outputs[0].Name)
	}
	// Output:
	// image -> scores
	// mail -> label
}

// A program that shares the machine leaves cores to others.
func ExampleNewRuntime() {
	options := oarlock.RuntimeOptions{ThreadBudget: 2}
	rt, err := oarlock.NewRuntime(options)
	if err != nil {
		// err names the places where the library was looked for, and how to install it. Until then, models are Go functions.
		rt, err = oarlocktest.NewRuntimeWith(models, options)
	}
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	hardware, err := rt.Hardware()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(hardware.ThreadBudget, "threads for all models")
	// Output: 2 threads for all models
}

// A server finds out at its start, and not at the first request, whether there is a library with an engine.
func ExampleDefault() {
	rt, err := oarlock.Default()
	if err != nil {
		// err names the places where the library was looked for, and how to install it. Until then, models are Go functions.
		rt, err = oarlocktest.NewRuntime(models)
		if err != nil {
			log.Fatal(err)
		}
		defer rt.Close() // Default's own is never to be closed
	}
	engines, err := rt.Engines()
	if err != nil {
		log.Fatal(err)
	}
	usable := 0
	for _, engine := range engines {
		if engine.Err == nil {
			usable++
		}
	}
	fmt.Println("ready:", usable > 0)
	// Output: ready: true
}

// What the library has to say goes where the program's own lines go.
func ExampleRuntimeOptions() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{} // it differs from run to run
			}
			return a
		},
	}))
	rt, err := oarlocktest.NewRuntimeWith(models, oarlock.RuntimeOptions{
		ThreadBudget: 4,      // at once, over all models
		CacheDir:     "none", // a container's disk is gone with it
		Logger:       logger.With("from", "oarlock"),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	p, err := rt.Load("digits.onnx", oarlock.LoadOptions{Name: "digits", Version: 3})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	// Output: level=INFO msg="model 'digits' version 3 is loaded" from=oarlock
}

// A runtime may be closed before its models: they keep what they need.
func ExampleRuntime_Close() {
	rt, err := oarlocktest.NewRuntime(models)
	if err != nil {
		log.Fatal(err)
	}
	p, err := rt.Load("spam.onnx", oarlock.LoadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	rt.Close()

	mail, err := oarlock.NewStrings(nil, []string{"you won a prize"})
	if err != nil {
		log.Fatal(err)
	}
	defer mail.Close()
	outputs, err := p.Predict(context.Background(), mail)
	if err != nil {
		log.Fatal(err)
	}
	defer outputs[0].Close()
	fmt.Println(outputs[0].(*oarlock.Strings).At(0))
	_, err = rt.Load("digits.onnx", oarlock.LoadOptions{})
	fmt.Println(err)
	// Output:
	// spam
	// oarlock: FAILED_PRECONDITION: the runtime was closed
}

// A model that no engine loads is often one whose engine could not be opened: Err says why, and what to do about it.
func ExampleRuntime_Engines() {
	rt, err := oarlocktest.NewRuntime(models)
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	engines, err := rt.Engines()
	if err != nil {
		log.Fatal(err)
	}
	for _, engine := range engines {
		if engine.Err != nil {
			fmt.Printf("%s cannot be used: %v\n", engine.Name, engine.Err)
			continue
		}
		fmt.Println(engine.Name, engine.Version)
	}
	// Output: fake 1
}

// How many models of two threads each run at once without waiting for each other?
func ExampleRuntime_Hardware() {
	rt, err := oarlocktest.NewRuntimeWith(models, oarlock.RuntimeOptions{ThreadBudget: 8})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	hardware, err := rt.Hardware()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(hardware.ThreadBudget/2, "runs at once")
	// Output: 4 runs at once
}
