// Package oarlock runs PaddlePaddle 2 and 3, ONNX and OpenVINO models in a Go program's own process, at the speed of the
// engine behind them: no Python, no server, no copy of tensors on the way.
//
//	p, err := oarlock.Load("resnet50.onnx", oarlock.LoadOptions{})
//	...
//	defer p.Close()
//	x, err := oarlock.NewTensor(oarlock.Shape{1, 3, 224, 224}, pixels)
//	...
//	defer x.Close()
//	outputs, err := p.Predict(ctx, x)
//
// # The library
//
// The package links nothing. When the first runtime is made, it opens liboarlock.so.0: in the program's directory, in lib/
// and ../lib beside it, then where the system looks; or where RuntimeOptions.Library says. If there is none of the right
// version, the error lists every path that was tried and says what to do. No environment variable is read.
//
// # Three ways to ask
//
// [Predictor.Predict] makes new tensors. [Predictor.Infer] writes into yours, and allocates nothing. A [Runner] is bound to
// its tensors once, and has the least to do in each run. All of them wait for one of the model's executions to become free
// in Go: any number of goroutines may call, and no more threads than executions are used. Where a model has batching,
// requests share runs.
//
// # Contexts
//
// A context that ends stops the wait, and the run itself as far as the engine can. The error is then the context's:
// errors.Is(err, context.DeadlineExceeded) holds, and so do ErrDeadlineExceeded and syscall.ETIMEDOUT.
//
// # Memory
//
// Tensors lie in Go's memory: the slice given to [NewTensor] is what the engine reads and writes. It is lent for the length
// of its first call alone; when it is used again, or bound, it is pinned until Close, and beyond that for as long as a run
// or a runner uses it. What is never closed is closed when Go
// collects it, and counted by [Leaks]. Build with the tag oarlock_check to have uses of a [View] after its end panic, and
// Leaks say where things were made.
//
// # Tests
//
// Package oarlocktest has runtimes whose models are Go functions, which need neither the library nor cgo.
package oarlock
