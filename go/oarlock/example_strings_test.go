package oarlock_test

import (
	"context"
	"fmt"
	"log"

	"github.com/oarlock/oarlock/go/oarlock"
)

// Texts go in, texts come out.
func ExampleStrings() {
	p := spamFilter()
	defer p.Close()
	mails, err := oarlock.NewStrings(nil, []string{"lunch at noon?", "your prize is waiting"})
	if err != nil {
		log.Fatal(err)
	}
	defer mails.Close()
	outputs, err := p.Predict(context.Background(), mails)
	if err != nil {
		log.Fatal(err)
	}
	defer outputs[0].Close()
	labels := outputs[0].(*oarlock.Strings)
	for i := range labels.Len() {
		fmt.Printf("%s: %s\n", labels.At(i), mails.At(i))
	}
	// Output:
	// ham: lunch at noon?
	// spam: your prize is waiting
}

// Files are given as they were read, of any number of dims: here one photo for each of two cameras.
func ExampleNewStrings() {
	photos, err := oarlock.NewStrings(oarlock.Shape{2, 1}, [][]byte{redAndBlue(), redAndBlue()})
	if err != nil {
		log.Fatal(err)
	}
	defer photos.Close()
	fmt.Println(photos.Shape(), photos.DType())
	// Output: [2,1] BYTES
}

// A runner's output of texts is copied, and stays when the runner goes on.
func ExampleStringsOf() {
	p := spamFilter()
	defer p.Close()
	mail, err := oarlock.NewStrings(nil, []string{"claim your prize"})
	if err != nil {
		log.Fatal(err)
	}
	defer mail.Close()
	r, err := p.NewRunner([]oarlock.Value{mail}, nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := r.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	labels, err := oarlock.StringsOf(r, 0)
	if err != nil {
		log.Fatal(err)
	}
	defer labels.Close()
	r.Close()
	fmt.Println(labels.At(0))
	// Output: spam
}

// One element as text; the rest of the batch is not converted.
func ExampleStrings_At() {
	lines, err := oarlock.NewStrings(nil, []string{"Invoice", "Total: 12.50"})
	if err != nil {
		log.Fatal(err)
	}
	defer lines.Close()
	fmt.Println(lines.At(lines.Len() - 1))
	// Output: Total: 12.50
}

// Closing ends the tensor, which no model takes any more; its elements can still be read.
func ExampleStrings_Close() {
	p := spamFilter()
	defer p.Close()
	mail, err := oarlock.NewStrings(nil, []string{"hello"})
	if err != nil {
		log.Fatal(err)
	}
	mail.Close()
	_, err = p.Predict(context.Background(), mail)
	fmt.Println(err)
	fmt.Println(mail.At(0))
	// Output:
	// oarlock: FAILED_PRECONDITION: the tensor was closed
	// hello
}

// A function that is given any Value tells texts from numbers.
func ExampleStrings_DType() {
	words, err := oarlock.NewStrings(nil, []string{"a"})
	if err != nil {
		log.Fatal(err)
	}
	defer words.Close()
	var v oarlock.Value = words
	fmt.Println(v.DType() == oarlock.Bytes, v.DType().Size())
	// Output: true 0
}

// All elements at once, for who writes them on: to a file, or as an HTTP answer.
func ExampleStrings_Elements() {
	masks, err := oarlock.NewStrings(nil, [][]byte{{0xff, 0xd8}, {0x89, 'P', 'N', 'G'}})
	if err != nil {
		log.Fatal(err)
	}
	defer masks.Close()
	for i, file := range masks.Elements() {
		fmt.Printf("file %d: % x\n", i, file)
	}
	// Output:
	// file 0: ff d8
	// file 1: 89 50 4e 47
}

// How many lines did the reader find?
func ExampleStrings_Len() {
	lines, err := oarlock.NewStrings(nil, []string{})
	if err != nil {
		log.Fatal(err)
	}
	defer lines.Close()
	if lines.Len() == 0 {
		fmt.Println("an empty page")
	}
	// Output: an empty page
}

// Elements are in rows, as numbers are: here three answers to each of two questions.
func ExampleStrings_Shape() {
	answers, err := oarlock.NewStrings(oarlock.Shape{2, 3}, []string{"yes", "no", "maybe", "red", "green", "blue"})
	if err != nil {
		log.Fatal(err)
	}
	defer answers.Close()
	each := int(answers.Shape()[1])
	fmt.Printf("question 1: %s\n", answers.Elements()[each:])
	// Output: question 1: [red green blue]
}
