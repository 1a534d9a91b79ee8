// Package paddlecompat is PaddlePaddle's Go inference API over package oarlock: a program that was written for
// github.com/paddlepaddle/paddle/paddle/fluid/inference/goapi, which Paddle 3 no longer has, changes one import and runs:
//
//	import paddle "github.com/oarlock/oarlock/go/paddlecompat"
//
//	config := paddle.NewConfig()
//	config.SetModel("inference.pdmodel", "inference.pdiparams") // or Paddle 3's inference.json
//	predictor := paddle.NewPredictor(config)
//	input := predictor.GetInputHandle(predictor.GetInputNames()[0])
//	input.Reshape([]int32{1, 3, 224, 224})
//	input.CopyFromCpu(data)
//	predictor.Run()
//	output := predictor.GetOutputHandle(predictor.GetOutputNames()[0])
//	result := make([]float32, 1000)
//	output.CopyToCpu(result)
//
// Names, types and signatures are those of Paddle 2.6, with what earlier releases had and 2.6 left out.
// docs/migrate-paddle-go.md lists every one with what it does here, and how to go on to package oarlock.
//
// # Errors
//
// The old API had no errors: it ended the process. This one never does. A call that fails writes an error to slog.Default()
// and keeps it for [Predictor.Err] or [Tensor.Err]. What fails gives nothing to read: after a Run that failed, CopyToCpu
// clears its slice, so that no earlier answer passes for this one. A predictor that could not be loaded has no inputs and no
// outputs, so that GetInputNames()[0], which cannot be right then, stops the program as before.
//
// New code takes [NewPredictorE], [Predictor.RunE], [Tensor.CopyFromCpuE] and so on, which return the error instead. All are
// of package oarlock's kinds: errors.Is(err, oarlock.ErrInvalidArgument).
//
// # Goroutines
//
// A Config belongs to one goroutine at a time. A Predictor and its tensors may be used by any, one after the other: a
// second one waits. It would overwrite the first one's inputs, though: make a [Predictor.Clone] for each, as before. Clones
// share the weights, and as many run at once as the machine has cores for.
//
// # Ownership
//
// Whatever is given is copied, and nothing need be closed: what nobody refers to any more is released. [Predictor.Close]
// does it at once.
package paddlecompat
