package paddlecompat_test

import (
	"context"
	"fmt"
	"log"

	"github.com/oarlock/oarlock/go/oarlock"
	paddle "github.com/oarlock/oarlock/go/paddlecompat"
)

// A program of the old API, of which the import is all that changed.
func Example() {
	config := paddle.NewConfig()
	config.SetModel("resnet50/inference.pdmodel", "resnet50/inference.pdiparams")
	config.SetCpuMathLibraryNumThreads(4)
	predictor := paddle.NewPredictor(config)

	input := predictor.GetInputHandle(predictor.GetInputNames()[0])
	input.Reshape([]int32{1, 3, 224, 224})
	input.CopyFromCpu(make([]float32, 1*3*224*224))

	predictor.Run()

	output := predictor.GetOutputHandle(predictor.GetOutputNames()[0])
	elements := int32(1)
	for _, dim := range output.Shape() {
		elements *= dim
	}
	scores := make([]float32, elements)
	output.CopyToCpu(scores)
	fmt.Println(scores[:5])
}

// The same with errors that are returned.
func ExampleNewPredictorE() {
	config := paddle.NewConfig()
	config.SetModel("resnet50/inference.pdmodel", "resnet50/inference.pdiparams")
	predictor, err := paddle.NewPredictorE(config)
	if err != nil {
		log.Fatal(err)
	}
	defer predictor.Close()
	if err := predictor.RunE(context.Background()); err != nil {
		log.Print(err) // FAILED_PRECONDITION: input 'x' was not filled; CopyFromCpu comes before Run
	}
}

// The same with package oarlock: no copies, and errors where they happen.
func Example_oarlock() {
	model, err := oarlock.Load("resnet50/inference.pdmodel", oarlock.LoadOptions{Threads: 4})
	if err != nil {
		log.Fatal(err)
	}
	defer model.Close()

	image, err := oarlock.NewTensor(oarlock.Shape{1, 3, 224, 224}, make([]float32, 1*3*224*224))
	if err != nil {
		log.Fatal(err)
	}
	defer image.Close()
	outputs, err := model.Predict(context.Background(), image)
	if err != nil {
		log.Fatal(err)
	}
	scores, err := oarlock.DataOf[float32](outputs[0])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(scores[:5])
}
