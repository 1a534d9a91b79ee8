package oarlock_test

import (
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
