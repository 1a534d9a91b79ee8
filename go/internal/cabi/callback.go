//go:build cgo

package cabi

// #include "oarlock.h"
import "C"

import "unsafe"

// What callbacks of the library end in. Package native sets them before it makes anything; tokens are what it gave.
var (
	Log        func(token uintptr, level int32, message string)
	Progress   func(token uintptr, phase string)
	InferEnded func(token uintptr, code Code, message string, outputs []uint64)
)

//export oarlockLog
func oarlockLog(token C.uintptr_t, level C.int32_t, message *C.char) {
	Log(uintptr(token), int32(level), C.GoString(message))
}

//export oarlockProgress
func oarlockProgress(token C.uintptr_t, phase *C.char) {
	Progress(uintptr(token), C.GoString(phase))
}

//export oarlockInferEnded
func oarlockInferEnded(token C.uintptr_t, code C.int32_t, message *C.char, outputs *C.uint64_t, count C.size_t) {
	handles := make([]uint64, int(count))
	copy(handles, unsafe.Slice((*uint64)(unsafe.Pointer(outputs)), int(count)))
	InferEnded(uintptr(token), Code(code), C.GoString(message), handles)
}
