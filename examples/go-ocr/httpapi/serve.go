package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Server serves a handler until it is told to stop.
type Server struct {
	// Handler answers.
	Handler http.Handler
	// Timeout is the handler's own, Options.Timeout.
	Timeout time.Duration
	// Grace is how long requests under way may still take after Serve was told to stop.
	Grace time.Duration
	// Logger is told when it stops, and what net/http has to say.
	Logger *slog.Logger
}

const (
	headerTimeout = 5 * time.Second
	idleTimeout   = 2 * time.Minute
	// slack is what a slow connection has beyond Timeout, so that the handler's deadline is the one that is told.
	slack = time.Second
)

// Serve answers on listener, which it closes, until ctx ends. Then it takes no more connections, and lets requests under way
// finish; those that have not after Grace are cancelled, and it is an error.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler:           s.Handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       s.Timeout + slack,
		WriteTimeout:      s.Timeout + 2*slack,
		IdleTimeout:       idleTimeout,
		ErrorLog:          slog.NewLogLogger(s.Logger.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	s.Logger.Info("stopping", "grace", s.Grace.String())
	grace, cancel := context.WithTimeout(context.Background(), s.Grace)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		server.Close()
		if errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("requests were cut off: they had not finished %v after the service was told to stop", s.Grace)
		}
		return err
	}
	return nil
}
