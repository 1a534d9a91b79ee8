package oarlock

import (
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/oarlock/oarlock/go/internal/driver"
)

// lease is the loan of a Go slice to the driver: the memory is pinned until the driver says that nothing uses it any more,
// which may be after the tensor was closed, if a run is under way or a runner has it bound. It is no part of the object that
// Go may collect: a Pinner in such an object would end the program.
type lease struct {
	pinner   runtime.Pinner
	driver   driver.Driver
	handle   driver.Handle
	open     atomic.Bool
	released *uint32 // set by the driver; in memory that is pinned for good
	site     string
}

// leases are those that belong to no tensor, and those whose tensor was closed while the driver used its memory.
type leases struct {
	mu      sync.Mutex
	spare   []*lease
	ended   []*lease
	flags   []uint32 // of the newest chunk, not given out yet
	waiting atomic.Int32
	pinned  runtime.Pinner // of the chunks
}

var loans leases

// take is a lease for a new object.
func (l *leases) take() *lease {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.spare); n > 0 {
		it := l.spare[n-1]
		l.spare = l.spare[:n-1]
		return it
	}
	if len(l.flags) == 0 {
		l.flags = make([]uint32, 1024)
		l.pinned.Pin(&l.flags[0])
	}
	it := &lease{released: &l.flags[0]}
	l.flags = l.flags[1:]
	return it
}

// newFlags are flags of one call's tensors.
func (l *leases) newFlags() *[driver.LoansMax]uint32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	flags := new([driver.LoansMax]uint32)
	l.pinned.Pin(flags)
	return flags
}

// put takes back the lease of an object that is gone. What the driver still uses is waited for.
func (l *leases) put(it *lease) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if it.isReturned() {
		l.spare = append(l.spare, it)
		return
	}
	l.ended = append(l.ended, it)
	l.waiting.Add(1)
}

// settle gives Go back what the driver has let go of since.
func (l *leases) settle() {
	if l.waiting.Load() == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := l.ended[:0]
	for _, it := range l.ended {
		if it.isReturned() {
			l.spare = append(l.spare, it)
			l.waiting.Add(-1)
		} else {
			kept = append(kept, it)
		}
	}
	clear(l.ended[len(kept):])
	l.ended = kept
}

// begin pins memory and makes a tensor of it. data is nil where there are no elements.
func (it *lease) begin(d driver.Driver, data unsafe.Pointer, size int, dtype DType, dims []int64) (driver.Handle, error) {
	loans.settle()
	atomic.StoreUint32(it.released, 0)
	if data != nil {
		it.pinner.Pin((*byte)(data))
	}
	handle, status := d.Wrap(data, size, int32(dtype), dims, it.released)
	if !status.OK() {
		it.pinner.Unpin()
		return 0, errorOf(status)
	}
	it.driver, it.handle = d, handle
	it.open.Store(true)
	return handle, nil
}

// end closes the driver's tensor. False: there was none.
func (it *lease) end() bool {
	if !it.open.CompareAndSwap(true, false) {
		return false
	}
	it.driver.Release(it.handle)
	return true
}

// isReturned unpins the memory, if nothing uses it any more. One goroutine at a time.
func (it *lease) isReturned() bool {
	if it.handle == 0 {
		return true
	}
	if atomic.LoadUint32(it.released) == 0 {
		return false
	}
	it.pinner.Unpin()
	it.driver, it.handle = nil, 0
	return true
}
