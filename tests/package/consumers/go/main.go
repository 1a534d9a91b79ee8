// Prints the model, its engine, and x[15] of relu(x) where x is 0, 1, ..., 15:  consumer MODEL [LIBRARY]
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/oarlock/oarlock/go/oarlock"
)

func main() {
	log.SetFlags(0)
	var options oarlock.RuntimeOptions
	if len(os.Args) > 2 {
		options.Library = os.Args[2]
	}
	runtime, err := oarlock.NewRuntime(options)
	if err != nil {
		log.Fatal(err)
	}
	defer runtime.Close()
	predictor, err := runtime.Load(os.Args[1], oarlock.LoadOptions{Engine: "onnxruntime"})
	if err != nil {
		log.Fatal(err)
	}
	defer predictor.Close()
	x, err := oarlock.Empty[float32](oarlock.Shape{1, 16})
	if err != nil {
		log.Fatal(err)
	}
	defer x.Close()
	for i := range x.Data() {
		x.Data()[i] = float32(i)
	}
	outputs, err := predictor.Predict(context.Background(), x)
	if err != nil {
		log.Fatal(err)
	}
	y, err := oarlock.DataOf[float32](outputs[0])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(predictor.Model().Name, predictor.Model().Engine, y[15])
}
