package paddlecompat_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/oarlock/oarlock/go/oarlock"
)

const models = "../../tests/models/"

// TestMain names the library, which the process keeps, and a cache that is the tests' own.
func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	cache, err := os.MkdirTemp("", "paddlecompat")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(cache)
	os.Setenv("XDG_CACHE_HOME", cache)
	if library := os.Getenv("OARLOCK_LIBRARY"); library != "" {
		runtime, err := oarlock.NewRuntime(oarlock.RuntimeOptions{Library: library})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		runtime.Close()
	}
	return m.Run()
}

func needLibrary(t testing.TB) {
	t.Helper()
	if os.Getenv("OARLOCK_LIBRARY") == "" {
		t.Skip("OARLOCK_LIBRARY is not set; it names liboarlock.so, which this test runs models with")
	}
}

// logged makes the log a buffer for the rest of the test.
func logged(t testing.TB) *bytes.Buffer {
	t.Helper()
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	var lines bytes.Buffer
	slog.SetDefault(slog.New(slog.NewTextHandler(&lines, nil)))
	return &lines
}

// file is a model's file of those that all tests of the project share.
func file(parts ...string) string { return models + filepath.Join(parts...) }
