//go:build cgo

package oarlock_test

import (
	"testing"

	"github.com/oarlock/oarlock/go/internal/cabi"
	"github.com/oarlock/oarlock/go/oarlock"
)

// The table of codes is the library's, row by row, and so are the element types.
func TestCodesAndTypesAreThoseOfTheLibrary(t *testing.T) {
	realRuntime(t)
	for code := oarlock.OK; code <= oarlock.Unauthenticated; code++ {
		if name := cabi.Text(cabi.CodeName(cabi.Code(code))); name != code.String() {
			t.Errorf("code %d is %q here, %q there", code, code, name)
		}
		if errno := cabi.CodeToErrno(cabi.Code(code)); errno != int32(code.Errno()) {
			t.Errorf("%v is errno %d here, %d there", code, code.Errno(), errno)
		}
		if back := cabi.CodeFromErrno(int32(code.Errno())); code != oarlock.OK && oarlock.Code(back) != code {
			t.Errorf("%v comes back as %v", code.Errno(), oarlock.Code(back))
		}
	}
	for number := range int32(134) {
		if got, want := oarlock.CodeOf(errno(number)), oarlock.Code(cabi.CodeFromErrno(number)); got != want {
			t.Errorf("errno %d is %v here, %v there", number, got, want)
		}
	}
	for dtype := oarlock.Bool; dtype <= oarlock.Bytes; dtype++ {
		if name := cabi.Text(cabi.DtypeName(cabi.Dtype(dtype))); name != dtype.String() {
			t.Errorf("type %d is %q here, %q there", dtype, dtype, name)
		}
		if size := cabi.DtypeSizeBytes(cabi.Dtype(dtype)); int(size) != dtype.Size() {
			t.Errorf("%v has %d bytes here, %d there", dtype, dtype.Size(), size)
		}
	}
}
