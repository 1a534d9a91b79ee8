//go:build !oarlock_check

package oarlock

// isChecked says that views are watched, and that it is remembered where things were made.
const isChecked = false

func (kind) note() string          { return "" }
func (kind) forget(string)         {}
func (kind) sites() map[string]int { return nil }
