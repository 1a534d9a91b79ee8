package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/oarlock/oarlock/examples/go-ocr/checkdigit"
)

// config is everything that can be set. Each field is the flag of the same name, liboarlock that of -library; defaults is
// the one place for their values.
type config struct {
	addr       string
	model      string
	liboarlock string
	engine     string
	executions int
	batch      int

	rule     string
	rate     float64
	burst    int
	clients  int
	proxied  bool
	inFlight int
	body     int64

	timeout time.Duration
	grace   time.Duration
	log     slog.Level
}

// builtLibrary is where the library is after a build in the repository, seen from its root.
const builtLibrary = "build/release/lib/liboarlock.so"

// defaults serve from the root of the repository.
func defaults() config {
	c := config{
		addr:     "127.0.0.1:8080",
		model:    "examples/waybill/models/waybill",
		batch:    4, // a tenth less of the processors than each alone; 8 and 16 bring no more
		rule:     "by-length",
		rate:     50,
		burst:    100,
		clients:  65536,
		inFlight: 256,
		body:     4 << 20,
		timeout:  5 * time.Second,
		grace:    10 * time.Second,
		log:      slog.LevelInfo,
	}
	if _, err := os.Stat(builtLibrary); err == nil {
		c.liboarlock = builtLibrary
	}
	return c
}

const usage = `Reads the number off pictures of waybills, over HTTP.

  go-ocr -addr 127.0.0.1:8080 -model examples/waybill/models/waybill
  curl --data-binary @examples/waybill/test/11.png http://127.0.0.1:8080/v1/waybill

Flags:
`

// parse is the configuration that a command line asks for. flag.ErrHelp means that it asked for help, which went to output.
func parse(arguments []string, output io.Writer) (config, error) {
	c := defaults()
	flags := flag.NewFlagSet("go-ocr", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.Usage = func() {
		fmt.Fprint(output, usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&c.addr, "addr", c.addr, "`address` to listen on; port 0 lets the kernel pick one")
	flags.StringVar(&c.model, "model", c.model, "the model's `directory`")
	flags.StringVar(&c.liboarlock, "library", c.liboarlock,
		"`path` of liboarlock.so; empty: beside the program, then where the system looks")
	flags.StringVar(&c.engine, "engine", c.engine, "onnxruntime or openvino; empty: the first that loads the model")
	flags.IntVar(&c.executions, "executions", c.executions, "pictures read at once; 0: one for each core")
	flags.IntVar(&c.batch, "batch", c.batch, "pictures read together when several wait, at most; 1: each alone")
	flags.StringVar(&c.rule, "rule", c.rule, "check digits: "+strings.Join(checkdigit.Names(), ", "))
	flags.Float64Var(&c.rate, "rate", c.rate, "pictures per second that each client may send; 0: any number")
	flags.IntVar(&c.burst, "burst", c.burst, "pictures that a client may send at once, beyond the rate")
	flags.IntVar(&c.clients, "clients", c.clients, "clients whose rate is remembered")
	flags.BoolVar(&c.proxied, "proxied", c.proxied, "take the client's address from the last entry of X-Forwarded-For;\n"+
		"set it behind a proxy that writes that, and only there")
	flags.IntVar(&c.inFlight, "in-flight", c.inFlight, "pictures under way at once; more are answered with 503")
	flags.Int64Var(&c.body, "body", c.body, "`bytes` of a request's body at most")
	flags.DurationVar(&c.timeout, "timeout", c.timeout, "for a request, from its headers to the answer")
	flags.DurationVar(&c.grace, "grace", c.grace, "for requests under way when the service is told to stop")
	flags.TextVar(&c.log, "log", c.log, "the least `level` that is logged: debug, info, warn or error;\n"+
		"requests are info, those that failed here error")
	if err := flags.Parse(arguments); err != nil {
		return config{}, err
	}
	if flags.NArg() > 0 {
		return config{}, fmt.Errorf("%q is no flag", flags.Arg(0))
	}
	return c, c.check()
}

func (c config) check() error {
	_, err := checkdigit.ByName(c.rule)
	for _, flag := range []struct {
		isWrong bool
		name    string
		value   any
		right   string
	}{
		{c.executions < 0, "executions", c.executions, "0 or more"},
		{c.batch < 1, "batch", c.batch, "at least 1"},
		{!(c.rate >= 0), "rate", c.rate, "0 or more"},
		{c.burst < 1, "burst", c.burst, "at least 1"},
		{c.clients < 1, "clients", c.clients, "at least 1"},
		{c.inFlight < 1, "in-flight", c.inFlight, "at least 1"},
		{c.body < 1, "body", c.body, "at least 1"},
		{c.timeout <= 0, "timeout", c.timeout, "more than 0"},
		{c.grace < 0, "grace", c.grace, "0 or more"},
	} {
		if flag.isWrong {
			err = errors.Join(err, fmt.Errorf("-%s is %v; it must be %s", flag.name, flag.value, flag.right))
		}
	}
	return err
}
