package oarlock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/oarlock/oarlock/go/internal/driver"
)

// One for each code, for errors.Is. They also stand for the system's errors and the context's that say the same, so that
//
//	errors.Is(err, oarlock.ErrDeadlineExceeded)
//	errors.Is(err, context.DeadlineExceeded)
//	errors.Is(err, syscall.ETIMEDOUT)
//
// hold for the same errors.
var (
	// They are converted, for `go doc` takes a type that is declared here for one of the package's own, and then lists no
	// function that returns an error with what it makes.

	ErrCancelled          = error(codeError(Cancelled))
	ErrUnknown            = error(codeError(Unknown))
	ErrInvalidArgument    = error(codeError(InvalidArgument))
	ErrDeadlineExceeded   = error(codeError(DeadlineExceeded))
	ErrNotFound           = error(codeError(NotFound))
	ErrAlreadyExists      = error(codeError(AlreadyExists))
	ErrPermissionDenied   = error(codeError(PermissionDenied))
	ErrResourceExhausted  = error(codeError(ResourceExhausted))
	ErrFailedPrecondition = error(codeError(FailedPrecondition))
	ErrAborted            = error(codeError(Aborted))
	ErrOutOfRange         = error(codeError(OutOfRange))
	ErrUnimplemented      = error(codeError(Unimplemented))
	ErrInternal           = error(codeError(Internal))
	ErrUnavailable        = error(codeError(Unavailable))
	ErrDataLoss           = error(codeError(DataLoss))
	ErrUnauthenticated    = error(codeError(Unauthenticated))
)

// ErrClosed is what using something after its Close gives, beside ErrFailedPrecondition. os.ErrClosed holds for it too.
var ErrClosed = errors.New("oarlock: closed")

// codeError is an error that is nothing but its code.
type codeError Code

func (e codeError) Error() string { return "oarlock: " + Code(e).String() }

func (e codeError) Is(target error) bool { return Code(e).is(target) }

// is says whether target is another way to say this code.
func (c Code) is(target error) bool {
	switch target {
	case context.Canceled:
		return c == Cancelled
	case context.DeadlineExceeded:
		return c == DeadlineExceeded
	}
	switch target := target.(type) {
	case codeError:
		return Code(target) == c
	case syscall.Errno:
		return c != OK && c.Errno() == target
	}
	return c.Errno().Is(target) // os.ErrNotExist and its like
}

// Error is what every function of this package that fails gives.
type Error struct {
	// Code says what kind of failure it is.
	Code Code
	// Message says what was wrong, with the name and the value, and what would be right.
	Message string

	closed bool
	cause  error
}

// Error is the message, with the code in front.
func (e *Error) Error() string { return "oarlock: " + e.Code.String() + ": " + e.Message }

// Is makes errors.Is hold for the error of the code, and for the system's and the context's errors that say the same.
func (e *Error) Is(target error) bool {
	if e.closed && (target == ErrClosed || target == os.ErrClosed) {
		return true
	}
	return e.Code.is(target)
}

// Unwrap is what a context was cancelled with, else nil.
func (e *Error) Unwrap() error { return e.cause }

func failed(code Code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

func closedError(kind string) error {
	return &Error{Code: FailedPrecondition, Message: "the " + kind + " was closed", closed: true}
}

func contextError(ctx context.Context) error {
	err := ctx.Err()
	code := CodeOf(err)
	if code != Cancelled && code != DeadlineExceeded {
		code = Cancelled // a context of somebody's own
	}
	return &Error{Code: code, Message: err.Error(), cause: context.Cause(ctx)}
}

func errorOf(status driver.Status) error {
	if status.OK() {
		return nil
	}
	return &Error{Code: Code(status.Code), Message: status.Message}
}
