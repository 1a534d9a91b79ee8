package oarlock

import (
	"context"
	"sync/atomic"
	"unsafe"

	"github.com/oarlock/oarlock/go/internal/driver"
)

// once is the tensors of a call that are the driver's for its length alone. It belongs to a slot.
type once struct {
	driver driver.Once // nil if the driver cannot
	loans  [driver.LoansMax]driver.Loan
	data   [driver.LoansMax]unsafe.Pointer
	flags  *[driver.LoansMax]uint32 // set by the driver as it lets go of each; pinned for good
	count  int
}

func (o *once) hasRoom() bool { return o != nil && o.driver != nil && o.count < len(o.loans) }

// add lends a tensor. position counts the inputs, then the outputs.
func (o *once) add(position int, data unsafe.Pointer, size int, dtype DType, dims []int64) {
	if o.flags == nil {
		o.flags = loans.newFlags()
	}
	loan := &o.loans[o.count]
	loan.Position, loan.SizeBytes, loan.DType, loan.Rank = uint64(position), uint64(size), int32(dtype), int32(len(dims))
	loan.Released = uintptr(unsafe.Pointer(&o.flags[o.count]))
	copy(loan.Dims[:], dims)
	o.data[o.count] = data
	o.count++
}

// infer runs the call with what was lent.
func (o *once) infer(ctx context.Context, runner driver.Handle, call *driver.Call) error {
	for i := range o.count {
		atomic.StoreUint32(&o.flags[i], 0)
	}
	status := o.driver.InferOnce(runner, call, o.loans[:o.count], o.data)
	flags := o.flags
	for i := range o.count {
		if atomic.LoadUint32(&flags[i]) == 0 {
			o.keep(&flags[i], o.data[i])
		}
	}
	return ended(ctx, status)
}

// keep pins what the driver did not let go of with the call, against its habit, until it does.
func (o *once) keep(released *uint32, data unsafe.Pointer) {
	kept := &lease{released: released, handle: 1} // no handle of ours, but not none: it is out
	kept.pinner.Pin((*byte)(data))
	loans.put(kept)
	o.flags = nil
}

// reset forgets what was lent.
func (o *once) reset() {
	clear(o.data[:o.count])
	o.count = 0
}
