//go:build cgo

package cabi

import (
	"os"
	"strings"
	"testing"
)

// library opens the library under test. Without one there is nothing to call, which is said and is no failure.
func library(t *testing.T) {
	t.Helper()
	path := os.Getenv("OARLOCK_LIBRARY")
	if path == "" {
		t.Skip("OARLOCK_LIBRARY names no liboarlock.so")
	}
	if err := Open(path); err != nil {
		t.Fatal(err)
	}
}

func TestOpenNamesTheMissingFile(t *testing.T) {
	err := Open("/no/such/liboarlock.so")
	if err == nil || !strings.Contains(err.Error(), "/no/such/liboarlock.so") {
		t.Errorf("got %v", err)
	}
}

func TestOpenNamesTheMissingFunction(t *testing.T) {
	err := Open("libc.so.6")
	if err == nil || !strings.Contains(err.Error(), "libc.so.6: has no oar_version") {
		t.Errorf("got %v", err)
	}
}

func TestStructsHaveTheLayoutOfC(t *testing.T) {
	if names := differingLayouts(); len(names) > 0 {
		t.Errorf("of another size: %v", names)
	}
}

func TestVersionIsThatOfTheDescription(t *testing.T) {
	library(t)
	if got := Text(VersionString()); got != LibraryVersion {
		t.Errorf("the library is %s, this was made for %s", got, LibraryVersion)
	}
}

func TestCodesHaveTheirNames(t *testing.T) {
	library(t)
	for code, want := range map[Code]string{CodeOk: "OK", CodeInvalidArgument: "INVALID_ARGUMENT", 99: "UNKNOWN"} {
		if got := Text(CodeName(code)); got != want {
			t.Errorf("code %d is %q, want %q", code, got, want)
		}
	}
}

func TestErrorsHaveACodeAndAText(t *testing.T) {
	library(t)
	var err *Error
	if code := TensorRelease(Tensor{}, &err); code != CodeInvalidArgument {
		t.Fatalf("code %d", code)
	}
	defer ErrorFree(err)
	if got := ErrorCode(err); got != CodeInvalidArgument {
		t.Errorf("the error's code is %d", got)
	}
	if text := Text(ErrorMessage(err)); !strings.Contains(text, "tensor") {
		t.Errorf("the text %q does not name the argument", text)
	}
}

func TestATensorIsMadeDescribedAndReleased(t *testing.T) {
	library(t)
	dims := [2]int64{2, 3}
	var tensor Tensor
	if code := TensorAllocate(DtypeF32, &dims[0], 2, &tensor, nil); code != CodeOk {
		t.Fatalf("code %d", code)
	}
	description := NewTensorDescription()
	if code := TensorDescribe(tensor, &description, nil); code != CodeOk {
		t.Fatalf("code %d", code)
	}
	if description.Rank != 2 || description.Dims[1] != 3 || description.SizeBytes != 24 {
		t.Errorf("got %+v", description)
	}
	if code := TensorRelease(tensor, nil); code != CodeOk {
		t.Errorf("code %d", code)
	}
	if code := TensorRelease(tensor, nil); code != CodeFailedPrecondition {
		t.Errorf("released twice: code %d", code)
	}
}
