package oarlock_test

import (
	"fmt"
	"net/http"
	"syscall"

	"github.com/oarlock/oarlock/go/oarlock"
)

// A client tries again after what may pass, and after nothing else.
func ExampleCode() {
	for _, code := range []oarlock.Code{oarlock.Unavailable, oarlock.InvalidArgument} {
		switch code {
		case oarlock.Unavailable, oarlock.Aborted:
			fmt.Println(code, "- try again")
		default:
			fmt.Println(code, "- give up")
		}
	}
	// Output:
	// UNAVAILABLE - try again
	// INVALID_ARGUMENT - give up
}

// A web server answers with the status that says the same, whichever package the error is from.
func ExampleCodeOf() {
	statusOf := func(err error) int {
		switch oarlock.CodeOf(err) {
		case oarlock.OK:
			return http.StatusOK
		case oarlock.InvalidArgument, oarlock.OutOfRange:
			return http.StatusBadRequest
		case oarlock.NotFound:
			return http.StatusNotFound
		case oarlock.Unavailable, oarlock.ResourceExhausted:
			return http.StatusServiceUnavailable
		}
		return http.StatusInternalServerError
	}
	_, err := oarlock.NewTensor(oarlock.Shape{2}, []float32{1, 2, 3})
	fmt.Println(statusOf(err), statusOf(syscall.ENOENT), statusOf(nil))
	// Output: 400 404 200
}

// Where only the system's numbers can be passed on, as to a file system in user space.
func ExampleCode_Errno() {
	_, err := oarlock.NewTensor(oarlock.Shape{2}, []float32{1, 2, 3})
	errno := oarlock.CodeOf(err).Errno()
	fmt.Println(errno == syscall.EINVAL, errno)
	// Output: true invalid argument
}

// A metric of failures has one label for each kind.
func ExampleCode_String() {
	fmt.Printf("failures_total{code=%q} 1\n", oarlock.DeadlineExceeded)
	// Output: failures_total{code="DEADLINE_EXCEEDED"} 1
}
