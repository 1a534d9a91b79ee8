//go:build cgo

package native

import "sync"

// tokens are what C hands back to callbacks, instead of addresses of Go's.
type tokens struct {
	mu     sync.Mutex
	last   uintptr
	values map[uintptr]any
}

func (t *tokens) add(value any) uintptr {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.values == nil {
		t.values = map[uintptr]any{}
	}
	t.last++
	t.values[t.last] = value
	return t.last
}

func (t *tokens) get(token uintptr) any {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.values[token]
}

func (t *tokens) take(token uintptr) any {
	t.mu.Lock()
	defer t.mu.Unlock()
	value := t.values[token]
	delete(t.values, token)
	return value
}
