package oarlock_test

import (
	"go/doc"
	"go/token"
	"testing"

	"github.com/oarlock/oarlock/go/internal/examples"
)

// shownBy has the structs of mere data, and the example of the call that gives them.
var shownBy = map[string]string{
	"Copy":       "ExampleRunner_CopyReport",
	"Engine":     "ExampleRuntime_Engines",
	"Hardware":   "ExampleRuntime_Hardware",
	"Leak":       "ExampleLeaks",
	"Result":     "ExamplePredictor_Go",
	"Statistics": "ExamplePredictor_Statistics",
	"ZeroCopy":   "ExamplePredictor_CheckInput",
}

func TestEveryExportedEntryHasAnExample(t *testing.T) {
	problems, err := examples.Problems(".", shownBy)
	check(t, err)
	for _, problem := range problems {
		t.Error(problem)
	}
}

// Readers of `go doc` look for NewTensor below Tensor. DataOf alone makes nothing of this package's.
func TestDocumentationListsMakersWithWhatTheyMake(t *testing.T) {
	pkg, err := examples.Read(".", doc.AllDecls) // as go doc reads it
	check(t, err)
	var apart []string
	for _, function := range pkg.Funcs {
		if token.IsExported(function.Name) {
			apart = append(apart, function.Name)
		}
	}
	equal(t, apart, []string{"DataOf"})
}
