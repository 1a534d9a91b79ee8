package paddlecompat

import "github.com/oarlock/oarlock/go/oarlock"

// Version is "oarlock " and the version of the library that this package is made for.
func Version() string { return "oarlock " + oarlock.Version }
