package oarlock_test

import (
	"fmt"
	"log"

	"github.com/oarlock/oarlock/go/oarlock"
)

// A test that ends by asking what was left open. With the build tag oarlock_check, Sites says where it was made.
func ExampleLeaks() {
	report := func() {
		for _, leak := range oarlock.Leaks() {
			if leak.Kind == "runner" && leak.Open > 0 {
				fmt.Println("never closed:", leak.Open, leak.Kind)
				return
			}
		}
		fmt.Println("every runner was closed")
	}
	p := adder()
	defer p.Close()
	r, err := p.NewRunner([]oarlock.Value{nil, nil}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer r.Output(0).Close()
	report()
	r.Close()
	report()
	// Output:
	// never closed: 1 runner
	// every runner was closed
}
