// Command go-ocr reads the number off pictures of waybills, over HTTP. See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/oarlock/oarlock/examples/go-ocr/checkdigit"
	"github.com/oarlock/oarlock/examples/go-ocr/httpapi"
	"github.com/oarlock/oarlock/examples/go-ocr/ratelimit"
	"github.com/oarlock/oarlock/examples/go-ocr/recogniser"
)

func main() {
	c, err := parse(os.Args[1:], os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintf(os.Stderr, "go-ocr: %v; see go-ocr -h\n", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, c, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "go-ocr: %v\n", err)
		os.Exit(1)
	}
}

// run serves until ctx ends. output gets the log, a JSON object a line; its first line says where the service listens.
func run(ctx context.Context, c config, output io.Writer) error {
	logger := slog.New(slog.NewJSONHandler(output, &slog.HandlerOptions{Level: c.log}))
	rule, err := checkdigit.ByName(c.rule)
	if err != nil {
		return err
	}
	var limiter *ratelimit.Limiter
	if c.rate > 0 {
		limiter = ratelimit.New(c.rate, c.burst, c.clients)
	}
	// Before the model is loaded, so that a port in use is told at once. Clients that come meanwhile wait for the answer.
	listener, err := net.Listen("tcp", c.addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	reader, err := recogniser.Open(recogniser.Options{
		Model: c.model, Library: c.liboarlock, Engine: c.engine, Executions: c.executions, BatchMax: c.batch,
		Logger: logger,
	})
	if err != nil {
		return err
	}
	defer reader.Close()

	handler := httpapi.New(httpapi.Options{
		Reader: reader, Rule: rule, Limiter: limiter, Logger: logger, Timeout: c.timeout,
		BodyBytesMax: c.body, InFlightMax: c.inFlight, Proxied: c.proxied, Draining: ctx.Done(),
	})
	model := reader.Model()
	logger.Info("listening", "address", listener.Addr().String(), "model", model.Name, "engine", model.Engine,
		"executions", model.Executions)
	server := httpapi.Server{Handler: handler, Timeout: c.timeout, Grace: c.grace, Logger: logger}
	if err := server.Serve(ctx, listener); err != nil {
		return err
	}
	logger.Info("stopped")
	return nil
}
