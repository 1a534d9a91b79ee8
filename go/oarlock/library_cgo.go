//go:build cgo

package oarlock

import (
	"sync"

	"github.com/oarlock/oarlock/go/internal/cabi"
	"github.com/oarlock/oarlock/go/internal/driver"
	"github.com/oarlock/oarlock/go/internal/native"
)

// library is the one of this process, once it was found.
var library struct {
	mu   sync.Mutex
	path string
}

// openLibrary finds the library, once for the process.
func openLibrary(path string) (driver.Driver, error) {
	library.mu.Lock()
	defer library.mu.Unlock()
	if library.path == "" {
		found, err := findLibrary(path, probe)
		if err != nil {
			return nil, err
		}
		if err := cabi.Open(found); err != nil {
			return nil, failed(FailedPrecondition, "%v", err)
		}
		library.path = found
	} else if path != "" && path != library.path {
		return nil, failed(FailedPrecondition, "this process uses '%s' already; it cannot use '%s' too", library.path, path)
	}
	return native.Of(), nil
}

func probe(path string) (version, string) {
	number, problem := cabi.Probe(path)
	return version(number), problem
}
