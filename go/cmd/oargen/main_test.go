package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const zlib = "../../../examples/generator/zlib"

func TestAnotherLibraryIsWrittenAndThenCurrent(t *testing.T) {
	out := t.TempDir()
	spec, templates := filepath.Join(zlib, "zlib.yaml"), filepath.Join(zlib, "templates")
	if err := run(".", spec, templates, out, true); err == nil || !strings.Contains(err.Error(), "differ") {
		t.Errorf("an empty directory passes the check: %v", err)
	}
	if err := run(".", spec, templates, out, false); err != nil {
		t.Fatal(err)
	}
	if err := run(".", spec, templates, out, true); err != nil {
		t.Errorf("just written: %v", err)
	}
}

func TestFlagsOfAnotherLibraryGoTogether(t *testing.T) {
	if err := run(".", "x.yaml", "", "out", false); err == nil || !strings.Contains(err.Error(), "go together") {
		t.Errorf("got %v", err)
	}
}

func TestErrorsNameTheFile(t *testing.T) {
	root := t.TempDir()
	if err := run(root, "", "", "", false); err == nil || !strings.Contains(err.Error(), "api/oarlock.yaml") {
		t.Errorf("no description: %v", err)
	}
	if err := os.MkdirAll(filepath.Join(root, "api"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "api/oarlock.yaml"), []byte("schema: 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(root, "", "", "", false); err == nil || !strings.HasPrefix(err.Error(), "api/oarlock.yaml:1: ") {
		t.Errorf("a description without anything: %v", err)
	}
	if err := run(root, "x.yaml", root, root, false); err == nil || !strings.Contains(err.Error(), "x.yaml") {
		t.Errorf("no such spec: %v", err)
	}
}
