package oarlock

import (
	"github.com/oarlock/oarlock/go/internal/driver"
	"github.com/oarlock/oarlock/go/internal/hook"
)

// Package oarlocktest makes runtimes of its own.
func init() {
	hook.NewRuntime = func(d driver.Driver, options any) (any, error) { return newRuntime(d, options.(RuntimeOptions)) }
}
