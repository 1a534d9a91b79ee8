//go:build !cgo

package oarlock_test

const cgoEnabled = false
