package oarlock_test

import (
	"fmt"

	"github.com/oarlock/oarlock/go/oarlock"
)

// What must be given to a model that somebody else made, and what comes back?
func ExampleModel() {
	p := digitClassifier()
	defer p.Close()
	m := p.Model()
	for _, in := range m.Inputs {
		fmt.Println("in: ", in.Name, in.DType, in.Shape)
	}
	for _, out := range m.Outputs {
		fmt.Println("out:", out.Name, out.DType, out.Shape)
	}
	fmt.Println("engine:", m.Engine)
	// Output:
	// in:  image FP32 [-1,784]
	// out: scores FP32 [-1,10]
	// engine: fake
}

// Names outlive the order of inputs, which a new export of the model may change.
func ExampleModel_Input() {
	p := adder()
	defer p.Close()
	a, b := oarlock.FromSlice([]float32{1, 2, 3}), oarlock.FromSlice([]float32{10, 10, 10})
	defer a.Close()
	defer b.Close()

	inputs := make([]oarlock.Value, len(p.Model().Inputs))
	for name, tensor := range map[string]oarlock.Value{"b": b, "a": a} {
		i, err := p.Model().Input(name)
		if err != nil {
			fmt.Println(err) // it names the inputs that there are
			return
		}
		inputs[i] = tensor
	}
	fmt.Println(inputs[0] == oarlock.Value(a), inputs[1] == oarlock.Value(b))
	// Output: true true
}

// A model that lacks the output is refused when it is loaded, rather than at the first answer.
func ExampleModel_Output() {
	p := digitClassifier()
	defer p.Close()
	for _, name := range []string{"scores", "confidence"} {
		i, err := p.Model().Output(name)
		fmt.Println(name, i, oarlock.CodeOf(err))
	}
	// Output:
	// scores 0 OK
	// confidence 0 NOT_FOUND
}

// The size of a request's picture is the model's: a program that asks for it goes on with a larger model.
func ExamplePort() {
	p := digitClassifier()
	defer p.Close()
	port := p.Model().Inputs[0]
	shape := append(oarlock.Shape{}, port.Shape...)
	if shape[0] == -1 {
		shape[0] = 16 // any number of rows: this many
	}
	count, err := shape.Count()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%q takes %v, which is %d bytes\n", port.Name, shape, count*port.DType.Size())
	// Output: "image" takes [16,784], which is 50176 bytes
}
