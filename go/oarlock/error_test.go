package oarlock_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/oarlock/oarlock/go/oarlock"
)

func contains(text, words string) bool { return strings.Contains(text, words) }

var sentinels = []error{
	oarlock.ErrCancelled, oarlock.ErrUnknown, oarlock.ErrInvalidArgument, oarlock.ErrDeadlineExceeded, oarlock.ErrNotFound,
	oarlock.ErrAlreadyExists, oarlock.ErrPermissionDenied, oarlock.ErrResourceExhausted, oarlock.ErrFailedPrecondition,
	oarlock.ErrAborted, oarlock.ErrOutOfRange, oarlock.ErrUnimplemented, oarlock.ErrInternal, oarlock.ErrUnavailable,
	oarlock.ErrDataLoss, oarlock.ErrUnauthenticated,
}

// Every code against every error that may stand for one: exactly one of ours, one errno, and a context's where it has one.
func TestEveryCodeIsItsOwnErrorsAndNoOther(t *testing.T) {
	for code := oarlock.Cancelled; code <= oarlock.Unauthenticated; code++ {
		for _, err := range []error{
			&oarlock.Error{Code: code, Message: "text"},
			fmt.Errorf("wrapped: %w", &oarlock.Error{Code: code}),
			sentinels[code-1],
		} {
			for i, sentinel := range sentinels {
				if got := errors.Is(err, sentinel); got != (int(code) == i+1) {
					t.Errorf("errors.Is(%v, %v) is %v", err, sentinel, got)
				}
			}
			for number := syscall.Errno(1); number < 134; number++ {
				if got := errors.Is(err, number); got != (number == code.Errno()) {
					t.Errorf("errors.Is(%v, %v) is %v", err, number, got)
				}
			}
			for _, of := range []struct {
				err  error
				code oarlock.Code
			}{
				{context.Canceled, oarlock.Cancelled}, {context.DeadlineExceeded, oarlock.DeadlineExceeded},
				{fs.ErrNotExist, oarlock.NotFound}, {fs.ErrExist, oarlock.AlreadyExists},
				{errors.ErrUnsupported, oarlock.Unimplemented},
			} {
				if got := errors.Is(err, of.err); got != (code == of.code) {
					t.Errorf("errors.Is(%v, %v) is %v", err, of.err, got)
				}
			}
			if got := oarlock.CodeOf(err); got != code {
				t.Errorf("CodeOf(%v) is %v", err, got)
			}
		}
		if got := oarlock.CodeOf(code.Errno()); got != code {
			t.Errorf("CodeOf(%v) is %v, want %v", code.Errno(), got, code)
		}
	}
}

func TestCodesOfForeignErrors(t *testing.T) {
	for _, of := range []struct {
		err  error
		code oarlock.Code
	}{
		{nil, oarlock.OK}, {context.Canceled, oarlock.Cancelled}, {context.DeadlineExceeded, oarlock.DeadlineExceeded},
		{&fs.PathError{Op: "open", Err: syscall.ENOENT}, oarlock.NotFound}, {syscall.EXDEV, oarlock.Unknown},
		{errors.New("x"), oarlock.Unknown},
	} {
		if got := oarlock.CodeOf(of.err); got != of.code {
			t.Errorf("CodeOf(%v) is %v, want %v", of.err, got, of.code)
		}
	}
	if got := oarlock.OK.Errno(); got != 0 {
		t.Errorf("OK is errno %d", got)
	}
	if got := oarlock.Code(99).Errno(); got != syscall.EIO {
		t.Errorf("code 99 is errno %v", got)
	}
	if got := oarlock.Code(99).String(); got != "Code(99)" {
		t.Errorf("code 99 is %q", got)
	}
	if got := (&oarlock.Error{Code: oarlock.NotFound, Message: "no model"}).Error(); got != "oarlock: NOT_FOUND: no model" {
		t.Errorf("the text is %q", got)
	}
}

func TestClosedIsAnErrorOfItsOwn(t *testing.T) {
	both(t, func(t *testing.T, rt *oarlock.Runtime) {
		p := script(t, rt, addScript)
		check(t, p.Close())
		err := p.Infer(context.Background(), nil, nil)
		for _, target := range []error{oarlock.ErrClosed, os.ErrClosed, oarlock.ErrFailedPrecondition, syscall.EBUSY} {
			if !errors.Is(err, target) {
				t.Errorf("%v is not %v", err, target)
			}
		}
		if errors.Is(&oarlock.Error{Code: oarlock.FailedPrecondition}, oarlock.ErrClosed) {
			t.Error("every failed precondition is ErrClosed")
		}
	})
}
