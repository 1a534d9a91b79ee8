package paddlecompat

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/oarlock/oarlock/go/oarlock"
)

func failed(code oarlock.Code, format string, args ...any) error {
	return &oarlock.Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// closedError is what using a predictor after its Close gives.
func closedError() error {
	return fmt.Errorf("%w (%w)", failed(oarlock.FailedPrecondition, "the predictor was closed"), oarlock.ErrClosed)
}

// report tells of a failure that the old signature has no place for. DisableGlogInfo does not silence it: there would be no
// trace left of it.
func report(call string, err error) {
	if err != nil {
		slog.Error("paddlecompat: "+call+" failed", "error", err)
	}
}

// errorsOnly is the program's logger at the time, without what is no error.
type errorsOnly struct{}

func (errorsOnly) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelError && slog.Default().Enabled(ctx, level)
}

func (errorsOnly) Handle(ctx context.Context, r slog.Record) error {
	return slog.Default().Handler().Handle(ctx, r)
}

func (h errorsOnly) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h errorsOnly) WithGroup(string) slog.Handler      { return h }
