package oarlock_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const repository = "../.."

// The whole programs of the documentation are built as their readers would, and run; each reads model.onnx.
func TestProgramsOfTheDocumentation(t *testing.T) {
	library := os.Getenv("OARLOCK_LIBRARY")
	if library == "" || !cgoEnabled {
		t.Skip("OARLOCK_LIBRARY names no liboarlock.so, or there is no cgo")
	}
	for page, want := range map[string]string{"README.md": "[3 0]\n", "docs/go.md": "input x FP32 [1,16]\n[1,16] [0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0] <nil>\n"} {
		t.Run(page, func(t *testing.T) {
			programs := programsOf(t, page)
			if len(programs) != 1 {
				t.Fatalf("%d whole programs, want 1", len(programs))
			}
			if got := buildAndRun(t, programs[0], library); got != want {
				t.Errorf("it prints %q, want %q", got, want)
			}
		})
	}
}

func programsOf(t *testing.T, page string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, page))
	check(t, err)
	var programs []string
	for _, found := range regexp.MustCompile("(?ms)^( *)```go\n(.*?)^ *```$").FindAllStringSubmatch(string(text), -1) {
		program := regexp.MustCompile("(?m)^"+found[1]).ReplaceAllString(found[2], "")
		if strings.HasPrefix(program, "package main") {
			programs = append(programs, program)
		}
	}
	return programs
}

// buildAndRun makes a module of its own, with the library's directory linked beside the program.
func buildAndRun(t *testing.T, program, library string) string {
	t.Helper()
	directory := t.TempDir()
	module, err := filepath.Abs("..")
	check(t, err)
	model, err := filepath.Abs(repository + "/tests/models/onnx/relu_1x16.onnx")
	check(t, err)
	real, err := filepath.EvalSymlinks(library)
	check(t, err)
	check(t, os.WriteFile(filepath.Join(directory, "main.go"), []byte(program), 0o644))
	check(t, os.WriteFile(filepath.Join(directory, "go.mod"), []byte("module program\n\ngo 1.24\n\nrequire github.com/oarlock/oarlock/go v0.1.0\n\nreplace github.com/oarlock/oarlock/go => "+module+"\n"), 0o644))
	check(t, os.Symlink(filepath.Dir(real), filepath.Join(directory, "lib")))
	check(t, os.Symlink(model, filepath.Join(directory, "model.onnx")))
	build := exec.Command("go", "build", "-o", "program", ".")
	build.Dir = directory
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	run := exec.Command(filepath.Join(directory, "program"))
	run.Dir = directory
	output, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return string(output)
}
