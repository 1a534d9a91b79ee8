package oarlock_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"syscall"

	"github.com/oarlock/oarlock/go/oarlock"
	"github.com/oarlock/oarlock/go/oarlocktest"
)

// An answer to a client has the code for its program, and the message for its people.
func ExampleError() {
	p := digitClassifier()
	defer p.Close()
	short := oarlock.FromSlice(make([]float32, 783))
	defer short.Close()
	_, err := p.Predict(context.Background(), short)
	var failure *oarlock.Error
	if errors.As(err, &failure) {
		fmt.Println("code:   ", int(failure.Code))
		fmt.Println("message:", failure.Message)
	}
	// Output:
	// code:    3
	// message: input 'image' has shape [-1,784] (-1 is any); the tensor has [783]
}

// The text names what was wrong, its value, and what would be right.
func ExampleError_Error() {
	p := adder()
	defer p.Close()
	_, err := p.Model().Input("c")
	fmt.Println(err.Error())
	// Output: oarlock: NOT_FOUND: model 'adder.onnx' has no input 'c'; it has ["a" "b"]
}

// errors.Is knows an error by Oarlock's name, and by those of the standard library that say the same.
func ExampleError_Is() {
	rt, err := oarlocktest.NewRuntime(models)
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	_, err = rt.Load("nowhere.onnx", oarlock.LoadOptions{})
	for _, target := range []error{oarlock.ErrNotFound, fs.ErrNotExist, syscall.ENOENT, oarlock.ErrDataLoss} {
		fmt.Println(errors.Is(err, target))
	}
	// Output:
	// true
	// true
	// true
	// false
}

// Why was the run cancelled? The context says, and the error passes it on.
func ExampleError_Unwrap() {
	p := adder()
	defer p.Close()
	x := oarlock.FromSlice([]float32{1, 2, 3})
	defer x.Close()
	errShutdown := errors.New("the server shuts down")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errShutdown)
	_, err := p.Predict(ctx, x, x)
	fmt.Println(errors.Is(err, errShutdown), errors.Is(err, context.Canceled))
	fmt.Println(errors.Unwrap(err))
	// Output:
	// true true
	// the server shuts down
}
