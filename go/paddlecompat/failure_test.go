package paddlecompat

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

// The library's lines go through it after DisableGlogInfo.
func TestErrorsOnlyLetsErrorsThrough(t *testing.T) {
	before := slog.Default()
	defer slog.SetDefault(before)
	quiet := slog.New(errorsOnly{})
	var lines bytes.Buffer
	slog.SetDefault(slog.New(slog.NewTextHandler(&lines, nil))) // of now, not of when the runtime was made
	quiet.Info("an info")
	quiet.Warn("a warning")
	quiet.With("a", 1).WithGroup("g").Error("an error")
	if said := lines.String(); strings.Count(said, "\n") != 1 || !strings.Contains(said, "level=ERROR") || !strings.Contains(said, "an error") {
		t.Errorf("the log is %q", said)
	}
}
