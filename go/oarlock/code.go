package oarlock

import (
	"context"
	"errors"
	"strconv"
	"syscall"
)

// Code says how a call ended. The numbers are those of gRPC's canonical codes.
type Code int32

const (
	// OK is no error.
	OK Code = 0
	// Cancelled: somebody cancelled it.
	Cancelled Code = 1
	// Unknown: an engine or a library failed without saying why.
	Unknown Code = 2
	// InvalidArgument: an argument can never be right; the text says which and what would be.
	InvalidArgument Code = 3
	// DeadlineExceeded: the time was over.
	DeadlineExceeded Code = 4
	// NotFound: a file, an engine or a name does not exist.
	NotFound Code = 5
	// AlreadyExists: something of that name exists.
	AlreadyExists Code = 6
	// PermissionDenied: the system does not allow it.
	PermissionDenied Code = 7
	// ResourceExhausted: no memory or no handles are left.
	ResourceExhausted Code = 8
	// FailedPrecondition: not in this state: closed, not loaded, in use by another goroutine.
	FailedPrecondition Code = 9
	// Aborted: it was given up halfway.
	Aborted Code = 10
	// OutOfRange: an index or a number is beyond what there is.
	OutOfRange Code = 11
	// Unimplemented: the engine, or this build, cannot do it.
	Unimplemented Code = 12
	// Internal: a defect of Oarlock's.
	Internal Code = 13
	// Unavailable: not now: a queue is full. Try again.
	Unavailable Code = 14
	// DataLoss: a file is damaged.
	DataLoss Code = 15
	// Unauthenticated: nobody vouches for the caller.
	Unauthenticated Code = 16
)

// codes has one row per code, at its number; src/base/codes.def has the same rows, which a test compares.
var codes = [...]struct {
	name  string
	errno syscall.Errno
	err   error
}{
	OK:                 {"OK", 0, nil},
	Cancelled:          {"CANCELLED", syscall.ECANCELED, ErrCancelled},
	Unknown:            {"UNKNOWN", syscall.EIO, ErrUnknown},
	InvalidArgument:    {"INVALID_ARGUMENT", syscall.EINVAL, ErrInvalidArgument},
	DeadlineExceeded:   {"DEADLINE_EXCEEDED", syscall.ETIMEDOUT, ErrDeadlineExceeded},
	NotFound:           {"NOT_FOUND", syscall.ENOENT, ErrNotFound},
	AlreadyExists:      {"ALREADY_EXISTS", syscall.EEXIST, ErrAlreadyExists},
	PermissionDenied:   {"PERMISSION_DENIED", syscall.EACCES, ErrPermissionDenied},
	ResourceExhausted:  {"RESOURCE_EXHAUSTED", syscall.ENOMEM, ErrResourceExhausted},
	FailedPrecondition: {"FAILED_PRECONDITION", syscall.EBUSY, ErrFailedPrecondition},
	Aborted:            {"ABORTED", syscall.ECONNABORTED, ErrAborted},
	OutOfRange:         {"OUT_OF_RANGE", syscall.ERANGE, ErrOutOfRange},
	Unimplemented:      {"UNIMPLEMENTED", syscall.ENOSYS, ErrUnimplemented},
	Internal:           {"INTERNAL", syscall.EPROTO, ErrInternal},
	Unavailable:        {"UNAVAILABLE", syscall.EAGAIN, ErrUnavailable},
	DataLoss:           {"DATA_LOSS", syscall.EBADMSG, ErrDataLoss},
	Unauthenticated:    {"UNAUTHENTICATED", syscall.EPERM, ErrUnauthenticated},
}

func (c Code) isKnown() bool { return c >= OK && int(c) < len(codes) }

// String is the code's name: "INVALID_ARGUMENT".
func (c Code) String() string {
	if !c.isKnown() {
		return "Code(" + strconv.Itoa(int(c)) + ")"
	}
	return codes[c].name
}

// Errno is the system's error that says the same: EINVAL for InvalidArgument; 0 for OK, EIO for a number that is no code.
func (c Code) Errno() syscall.Errno {
	if !c.isKnown() {
		return codes[Unknown].errno
	}
	return codes[c].errno
}

// CodeOf is the code of an error: of one of ours, of a context's, or of the system's; Unknown for any other, OK for nil.
func CodeOf(err error) Code {
	if err == nil {
		return OK
	}
	var ours *Error
	var sentinel codeError
	var errno syscall.Errno
	switch {
	case errors.As(err, &ours):
		return ours.Code
	case errors.As(err, &sentinel):
		return Code(sentinel)
	case errors.Is(err, context.Canceled):
		return Cancelled
	case errors.Is(err, context.DeadlineExceeded):
		return DeadlineExceeded
	case errors.As(err, &errno):
		return codeOfErrno(errno)
	}
	return Unknown
}

// codeOfErrno knows those that codes map to, and others that say the same (src/base/codes.cc).
func codeOfErrno(errno syscall.Errno) Code {
	for code := range codes {
		if Code(code) != OK && codes[code].errno == errno {
			return Code(code)
		}
	}
	switch errno {
	case syscall.ENOTDIR, syscall.EISDIR, syscall.ENAMETOOLONG, syscall.ELOOP:
		return InvalidArgument
	case syscall.EMFILE, syscall.ENFILE, syscall.ENOSPC, syscall.EDQUOT:
		return ResourceExhausted
	case syscall.EROFS:
		return PermissionDenied
	case syscall.EADDRINUSE:
		return AlreadyExists
	}
	return Unknown
}
