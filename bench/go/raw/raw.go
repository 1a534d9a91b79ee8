// Package raw calls the two C APIs in a loop that is C itself, entered once for many calls: what remains of a binding's call
// when that is taken away is what the binding costs.
package raw

/*
#cgo CFLAGS: -O2 -I${SRCDIR}/../../../include -I${SRCDIR}/../../../.deps/onnxruntime-1.32.0/include
#cgo LDFLAGS: -ldl
#include <stdlib.h>
#include "raw.h"
*/
import "C"

import (
	"errors"
	"unsafe"
)

// Oarlock is a runner of Oarlock's C API with bound tensors. One goroutine at a time.
type Oarlock struct{ it *C.raw_oarlock }

// OpenOarlock loads a model with liboarlock.so, on one thread of ONNX Runtime. Nothing is ever let go of.
func OpenOarlock(library, model string) (Oarlock, error) {
	l, m := C.CString(library), C.CString(model)
	defer C.free(unsafe.Pointer(l))
	defer C.free(unsafe.Pointer(m))
	var made Oarlock
	err := problem(C.raw_oarlock_open(l, m, &made.it))
	return made, err
}

// Run makes that many calls of oar_runner_run.
func (o Oarlock) Run(count int) error { return problem(C.raw_oarlock_run(o.it, C.int64_t(count))) }

// Infer makes that many calls of oar_runner_infer, with tensors that stay.
func (o Oarlock) Infer(count int) error { return problem(C.raw_oarlock_infer(o.it, C.int64_t(count))) }

// InferNew makes that many calls of oar_runner_infer, each with tensors of its own over memory that is there.
func (o Oarlock) InferNew(count int) error {
	return problem(C.raw_oarlock_infer_new(o.it, C.int64_t(count)))
}

// ONNXRuntime is a session of ONNX Runtime's C API with bound tensors. One goroutine at a time.
type ONNXRuntime struct{ it *C.raw_onnxruntime }

// OpenONNXRuntime loads a model with libonnxruntime.so, on one thread. Nothing is ever let go of.
func OpenONNXRuntime(library, model string) (ONNXRuntime, error) {
	l, m := C.CString(library), C.CString(model)
	defer C.free(unsafe.Pointer(l))
	defer C.free(unsafe.Pointer(m))
	var made ONNXRuntime
	err := problem(C.raw_onnxruntime_open(l, m, &made.it))
	return made, err
}

// Run makes that many calls.
func (o ONNXRuntime) Run(count int) error {
	return problem(C.raw_onnxruntime_run(o.it, C.int64_t(count)))
}

func problem(text *C.char) error {
	if text == nil {
		return nil
	}
	return errors.New(C.GoString(text))
}
