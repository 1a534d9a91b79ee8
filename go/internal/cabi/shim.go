//go:build cgo

package cabi

/*
#include <stdlib.h>
#include "shim.h"
*/
import "C"

import "unsafe"

// CString copies a string to C's memory, to be given to Free; nil for an empty one.
func CString(text string) *byte {
	if text == "" {
		return nil
	}
	return (*byte)(unsafe.Pointer(C.CString(text)))
}

// Free frees what CString gave.
func Free(text *byte) { C.free(unsafe.Pointer(text)) }

// New is a zero T in C's memory, for structs that hold addresses of it; to be given to Delete.
func New[T any]() *T { return (*T)(C.calloc(1, C.size_t(unsafe.Sizeof(*new(T))))) }

// Delete frees what New gave.
func Delete[T any](value *T) { C.free(unsafe.Pointer(value)) }

// Int64s copies numbers to C's memory, to be given to Delete; nil if there are none.
func Int64s(numbers []int64) *int64 {
	if len(numbers) == 0 {
		return nil
	}
	copied := (*int64)(C.malloc(C.size_t(len(numbers)) * 8))
	copy(unsafe.Slice(copied, len(numbers)), numbers)
	return copied
}

// Result is how a call ended, and what it made. The error is the caller's.
type Result struct {
	Code   Code
	Error  *Error
	Handle uint64
}

func resultOf(r C.oarlock_result) Result {
	return Result{Code(r.code), (*Error)(unsafe.Pointer(r.error)), uint64(r.handle)}
}

// Run is oar_runner_run().
func Run(runner uint64) Result { return resultOf(C.oarlock_go_run(C.uint64_t(runner))) }

// Infer is oar_runner_infer().
func Infer(runner uint64, inputs, outputs []uint64, deadlineNs int64, priority int32) Result {
	return resultOf(C.oarlock_go_infer(C.uint64_t(runner),
		(*C.uint64_t)(unsafe.SliceData(inputs)), C.size_t(len(inputs)),
		(*C.uint64_t)(unsafe.SliceData(outputs)), C.size_t(len(outputs)), C.int64_t(deadlineNs), C.int32_t(priority)))
}

// InferAsync is oar_predictor_infer_async(), batched where the model has it; InferEnded hears of its end.
func InferAsync(predictor uint64, inputs, outputs []uint64, deadlineNs int64, priority int32, token uintptr) Result {
	return resultOf(C.oarlock_go_infer_async(C.uint64_t(predictor),
		(*C.uint64_t)(unsafe.SliceData(inputs)), C.size_t(len(inputs)),
		(*C.uint64_t)(unsafe.SliceData(outputs)), C.size_t(len(outputs)), C.int64_t(deadlineNs), C.int32_t(priority),
		C.uintptr_t(token)))
}

// Wrap is oar_tensor_wrap() of pinned memory; *released, pinned too, becomes 1 once nothing uses it any more.
func Wrap(data unsafe.Pointer, sizeBytes int, dtype int32, dims []int64, released *uint32) Result {
	return resultOf(C.oarlock_go_wrap((*C.uint8_t)(data), C.size_t(sizeBytes), C.oar_dtype(dtype),
		(*C.int64_t)(unsafe.SliceData(dims)), C.int32_t(len(dims)), C.uintptr_t(uintptr(unsafe.Pointer(released)))))
}

// Release is oar_tensor_release().
func Release(tensor uint64) Result { return resultOf(C.oarlock_go_release(C.uint64_t(tensor))) }

// Probe is the version of the library at path: major << 16 | minor << 8 | patch.
func Probe(path string) (version uint32, problem string) {
	const size = 1024
	text := (*C.char)(C.malloc(size))
	defer C.free(unsafe.Pointer(text))
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	found := C.oarlock_go_probe(name, text, size)
	if found < 0 {
		return 0, C.GoString(text)
	}
	return uint32(found), ""
}

// LogCallback is for RuntimeOptions.Log; LogUser is the token that Log hears.
func LogCallback() unsafe.Pointer { return C.oarlock_go_log_callback() }

// ProgressCallback is for LoadOptions.Progress; ProgressUser is the token that Progress hears.
func ProgressCallback() unsafe.Pointer { return C.oarlock_go_progress_callback() }
