package oarlock

import (
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/oarlock/oarlock/go/internal/driver"
)

// memory is what a tensor's elements lie in, as the driver knows it. It is used again for other tensors, so that a tensor
// costs one allocation; the generation tells them apart, and what is closed from what is not.
type memory struct {
	lease      *lease
	generation atomic.Uint64
	handle     atomic.Uint64 // 0 until a driver needs the tensor
	lending    sync.Mutex
	cleanup    runtime.Cleanup
}

var memories = sync.Pool{New: func() any {
	m := &memory{lease: loans.take()}
	m.cleanup = runtime.AddCleanup(m, func(it *lease) {
		if it.end() {
			kindTensor.lost()
		}
		kindTensor.forget(it.site)
		loans.put(it)
	}, m.lease)
	return m
}}

func newMemory() (*memory, uint64) {
	m := memories.Get().(*memory)
	m.lease.site = kindTensor.note()
	return m, m.generation.Load()
}

// lend is the driver's handle for the tensor of this generation.
func (m *memory) lend(generation uint64, d driver.Driver, data unsafe.Pointer, size int, dtype DType, dims []int64) (driver.Handle, error) {
	handle := m.handle.Load()
	if m.generation.Load() != generation {
		return 0, closedError("tensor")
	}
	if handle != 0 && m.lease.driver == d {
		return driver.Handle(handle), nil
	}
	m.lending.Lock()
	defer m.lending.Unlock()
	if m.generation.Load() != generation {
		return 0, closedError("tensor")
	}
	if handle := m.handle.Load(); handle != 0 {
		if m.lease.driver != d {
			return 0, failed(InvalidArgument, "the tensor was used with another kind of runtime; make one for each")
		}
		return driver.Handle(handle), nil
	}
	made, err := m.lease.begin(d, data, size, dtype, dims)
	if err != nil {
		return 0, err
	}
	kindTensor.opened()
	m.handle.Store(uint64(made))
	return made, nil
}

// close ends the tensor of this generation. Nothing for one that was closed.
func (m *memory) close(generation uint64) {
	m.lending.Lock()
	defer m.lending.Unlock()
	if !m.generation.CompareAndSwap(generation, generation+1) {
		return
	}
	m.handle.Store(0)
	if m.lease.end() {
		kindTensor.closed()
	}
	kindTensor.forget(m.lease.site)
	m.lease.site = ""
	if m.lease.isReturned() {
		memories.Put(m)
		return
	}
	m.cleanup.Stop()
	loans.put(m.lease)
}
