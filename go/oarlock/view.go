package oarlock

import (
	"runtime"
	"unsafe"
)

// View is an output of a runner's last run where it lies: in the tensor that is bound to it, else in the engine's memory. It
// is valid until the runner runs again, something is bound, or it is closed. Using one after that reads what is there then;
// with the build tag oarlock_check it panics.
type View[T Element] struct {
	runner *Runner
	run    uint64
	data   []T
	dims   [MaxRank]int64
	rank   int8
}

// ViewOf is the view of an output. Outputs in the engine's memory keep one of the model's executions from others until the
// next run: bind what you keep.
func ViewOf[T Element](r *Runner, index int) (View[T], error) {
	if err := r.begin(); err != nil {
		return View[T]{}, err
	}
	defer r.done()
	if index < 0 {
		return View[T]{}, failed(OutOfRange, "output %d; it must be 0 or more", index)
	}
	memory, status := r.state.driver.Output(r.state.handle, index)
	if !status.OK() {
		return View[T]{}, errorOf(status)
	}
	if DType(memory.DType) != dtypeOf[T]() {
		return View[T]{}, failed(InvalidArgument, "output %d is of %v; wanted %v", index, DType(memory.DType), dtypeOf[T]())
	}
	v := View[T]{runner: r, run: r.state.runs.Load(), rank: int8(len(memory.Dims))}
	copy(v.dims[:], memory.Dims)
	var zero T
	if count := memory.SizeBytes / int(unsafe.Sizeof(zero)); count > 0 {
		v.data = unsafe.Slice((*T)(memory.Data), count)
	}
	return v, nil
}

// StringsOf is a copy of an output of BYTES, which is valid for good.
func StringsOf(r *Runner, index int) (*Strings, error) {
	if err := r.begin(); err != nil {
		return nil, err
	}
	defer r.done()
	if index < 0 {
		return nil, failed(OutOfRange, "output %d; it must be 0 or more", index)
	}
	memory, status := r.state.driver.Output(r.state.handle, index)
	if !status.OK() {
		return nil, errorOf(status)
	}
	if DType(memory.DType) != Bytes {
		return nil, failed(InvalidArgument, "output %d is of %v; wanted BYTES", index, DType(memory.DType))
	}
	value, err := copied(memory)
	runtime.KeepAlive(r)
	if err != nil {
		return nil, err
	}
	return value.(*Strings), nil
}

// Shape is its dims, not to be changed.
func (v *View[T]) Shape() Shape { return v.dims[:v.rank:v.rank] }

// Data is its elements, row by row.
func (v *View[T]) Data() []T {
	if isChecked && v.runner != nil && (v.runner.state.closed.Load() || v.runner.state.runs.Load() != v.run) {
		panic("oarlock: a view is used after its runner ran again, was bound anew or closed; Clone keeps one")
	}
	return v.data
}

// Clone is a tensor of its own with the same elements.
func (v *View[T]) Clone() *Tensor[T] {
	var zero T
	from := v.Data()
	data := aligned[T](len(from), int(unsafe.Sizeof(zero)))
	copy(data, from)
	return over(v.Shape(), data)
}
