//go:build !cgo

package oarlock

import "github.com/oarlock/oarlock/go/internal/driver"

func openLibrary(string) (driver.Driver, error) {
	return nil, failed(Unimplemented,
		"this program was built with CGO_ENABLED=0, and has no way to a C library; package oarlocktest works without one")
}
