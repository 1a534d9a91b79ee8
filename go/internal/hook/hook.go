// Package hook lets package oarlocktest make a runtime with a driver of its own, which nobody outside of this module can.
package hook

import "github.com/oarlock/oarlock/go/internal/driver"

// NewRuntime makes an *oarlock.Runtime with oarlock.RuntimeOptions; package oarlock sets it.
var NewRuntime func(d driver.Driver, options any) (any, error)
