package oarlock

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/oarlock/oarlock/go/internal/driver"
)

// holder is what a tensor knows of its being lent. The first call that a tensor is given to has it for its own length alone:
// nothing is pinned, and nothing is to be let go of. Only a tensor that is used again, or bound, becomes one of the driver's
// for longer, which costs as much as some calls do and pays from then on.
type holder struct {
	memory     atomic.Pointer[memory] // nil until then
	generation uint64                 // of the memory, for this tensor; written before memory is
	making     sync.Mutex
	used       atomic.Bool
	closed     atomic.Bool
}

// note has the tensor's memory at once where it is to be remembered who made it.
func (h *holder) note() {
	if isChecked {
		h.hold()
	}
}

func (h *holder) hold() (*memory, error) {
	if m := h.memory.Load(); m != nil {
		return m, nil
	}
	h.making.Lock()
	defer h.making.Unlock()
	if h.closed.Load() {
		return nil, closedError("tensor")
	}
	if h.memory.Load() == nil {
		m, generation := newMemory()
		h.generation = generation
		h.memory.Store(m)
	}
	return h.memory.Load(), nil
}

// lend is the driver's handle for the tensor; or 0, if it was added to o, which may be nil.
func (h *holder) lend(d driver.Driver, o *once, position int, data unsafe.Pointer, size int, dtype DType, dims []int64) (driver.Handle, error) {
	m := h.memory.Load()
	if m == nil {
		if data != nil && o.hasRoom() && !h.closed.Load() && h.used.CompareAndSwap(false, true) {
			o.add(position, data, size, dtype, dims)
			return 0, nil
		}
		var err error
		if m, err = h.hold(); err != nil {
			return 0, err
		}
	}
	return m.lend(h.generation, d, data, size, dtype, dims)
}

func (h *holder) close() {
	h.making.Lock()
	first := h.closed.CompareAndSwap(false, true)
	h.making.Unlock()
	if m := h.memory.Load(); first && m != nil {
		m.close(h.generation)
	}
}
