package oarlock

import (
	"context"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/oarlock/oarlock/go/internal/driver"
)

// keeper lets go of the first tensor of a call, and keeps the others.
type keeper struct{ kept []*uint32 }

func (k *keeper) InferOnce(_ driver.Handle, _ *driver.Call, loans []driver.Loan, _ [driver.LoansMax]unsafe.Pointer) driver.Status {
	for i := range loans {
		released := *(**uint32)(unsafe.Pointer(&loans[i].Released)) // pinned, and so where it was
		if i == 0 {
			atomic.StoreUint32(released, 1)
		} else {
			k.kept = append(k.kept, released)
		}
	}
	return driver.Status{}
}

func TestWhatACallKeepsIsPinnedUntilItIsLetGoOf(t *testing.T) {
	k := &keeper{}
	o := once{driver: k}
	loans.settle()
	before := loans.waiting.Load()
	for range 2 {
		for i := range driver.LoansMax {
			if !o.hasRoom() {
				t.Fatalf("no room for tensor %d", i)
			}
			data := make([]float32, 16)
			o.add(i, unsafe.Pointer(&data[0]), 64, Float32, []int64{16})
		}
		if o.hasRoom() {
			t.Fatal("room for more than LoansMax")
		}
		if err := o.infer(context.Background(), 1, &driver.Call{}); err != nil {
			t.Fatal(err)
		}
		o.reset()
	}
	if len(k.kept) != 2*(driver.LoansMax-1) || loans.waiting.Load()-before != int32(len(k.kept)) {
		t.Fatalf("%d were kept, and %d are waited for; want %d", len(k.kept), loans.waiting.Load()-before, 2*(driver.LoansMax-1))
	}
	for i, released := range k.kept {
		for _, other := range k.kept[:i] {
			if released == other {
				t.Fatal("two tensors share a flag")
			}
		}
		atomic.StoreUint32(released, 1)
		loans.settle()
		if waiting := loans.waiting.Load() - before; waiting != int32(len(k.kept)-i-1) {
			t.Fatalf("%d are waited for after %d were let go of", waiting, i+1)
		}
	}
}
