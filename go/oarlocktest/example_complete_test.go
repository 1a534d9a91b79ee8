package oarlocktest_test

import (
	"testing"

	"github.com/oarlock/oarlock/go/internal/examples"
)

func TestEveryExportedEntryHasAnExample(t *testing.T) {
	problems, err := examples.Problems(".", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Error(problem)
	}
}
