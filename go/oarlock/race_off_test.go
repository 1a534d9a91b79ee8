//go:build !race

package oarlock_test

const raceEnabled = false
