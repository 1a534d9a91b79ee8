// Command load measures how many pictures a service answers, and how soon: connections that stay open, each of which sends
// the next picture when it has its answer (a closed load).
//
//	go run ./load -url http://127.0.0.1:8080/v1/waybill ../waybill/test/*.png
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "load: %v\n", err)
		os.Exit(1)
	}
}

func run(arguments []string, output io.Writer) error {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	address := flags.String("url", "http://127.0.0.1:8080/v1/waybill", "where pictures are sent")
	connections := flags.Int("connections", 16, "connections that stay open")
	warmUp := flags.Duration("warm-up", time.Second, "time before anything counts")
	duration := flags.Duration("duration", 5*time.Second, "time to measure")
	asJSON := flags.Bool("json", false, "print the result as JSON")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	target, err := url.Parse(*address)
	if err != nil {
		return err
	}
	if target.Scheme != "http" || target.Host == "" || target.Port() == "" {
		return fmt.Errorf("-url is %q; it should be like http://127.0.0.1:8080/v1/waybill, with a port", *address)
	}
	if *connections < 1 || *warmUp < 0 || *duration <= 0 {
		return fmt.Errorf("-connections is %d, -warm-up %v, -duration %v; none may be negative, nor the first and last 0",
			*connections, *warmUp, *duration)
	}
	requests, err := requestsOf(target, flags.Args())
	if err != nil {
		return err
	}
	result, err := measure(target.Host, requests, *connections, *warmUp, *duration)
	if err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(output).Encode(result)
	}
	fmt.Fprintln(output, result)
	return nil
}
