//go:build oarlock_check

package oarlock

import (
	"fmt"
	"maps"
	"runtime"
	"strings"
	"sync"
)

// isChecked says that views are watched, and that it is remembered where things were made.
const isChecked = true

var noted struct {
	mu    sync.Mutex
	sites [kindCount]map[string]int
}

// note remembers the first caller outside of this package.
func (k kind) note() string {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		frame, more := frames.Next()
		if !strings.Contains(frame.Function, "go/oarlock.") {
			site := fmt.Sprintf("%s:%d", frame.File, frame.Line)
			noted.mu.Lock()
			defer noted.mu.Unlock()
			if noted.sites[k] == nil {
				noted.sites[k] = map[string]int{}
			}
			noted.sites[k][site]++
			return site
		}
		if !more {
			return ""
		}
	}
}

func (k kind) forget(site string) {
	if site == "" {
		return
	}
	noted.mu.Lock()
	defer noted.mu.Unlock()
	if noted.sites[k][site]--; noted.sites[k][site] <= 0 {
		delete(noted.sites[k], site)
	}
}

func (k kind) sites() map[string]int {
	noted.mu.Lock()
	defer noted.mu.Unlock()
	return maps.Clone(noted.sites[k])
}
