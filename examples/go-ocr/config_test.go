package main

import (
	"errors"
	"flag"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFlagsChangeWhatTheyName(t *testing.T) {
	t.Chdir(t.TempDir())
	got, err := parse(strings.Fields("-addr :9 -model m -library l -engine openvino -executions 3 -batch 2 -rule none -rate 0.5 -burst 4 "+
		"-clients 5 -proxied -in-flight 6 -body 7 -timeout 8s -grace 9s -log error"), io.Discard)
	want := config{
		addr: ":9", model: "m", liboarlock: "l", engine: "openvino", executions: 3, batch: 2, rule: "none", rate: 0.5, burst: 4, clients: 5,
		proxied: true, inFlight: 6, body: 7, timeout: 8 * time.Second, grace: 9 * time.Second, log: slog.LevelError,
	}
	if err != nil || got != want {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
	}
	if got, err = parse(nil, io.Discard); err != nil || got != defaults() {
		t.Errorf("without flags: %+v, %v", got, err)
	}
}

func TestTheLibraryThatTheRepositoryBuiltIsTheDefault(t *testing.T) {
	t.Chdir(t.TempDir())
	if got := defaults().liboarlock; got != "" {
		t.Errorf("without one: %q", got)
	}
	if err := os.MkdirAll(filepath.Dir(builtLibrary), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(builtLibrary, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := defaults().liboarlock; got != builtLibrary {
		t.Errorf("with one: %q", got)
	}
}

func TestValuesThatCannotBeAreToldWithTheFlag(t *testing.T) {
	for _, test := range []struct{ arguments, words string }{
		{"-rule luhn", `"luhn"`},
		{"-executions -1", "-executions is -1"},
		{"-batch 0", "-batch is 0"},
		{"-rate -1", "-rate is -1"},
		{"-rate NaN", "-rate is NaN"},
		{"-burst 0", "-burst is 0"},
		{"-clients 0", "-clients is 0"},
		{"-in-flight 0", "-in-flight is 0"},
		{"-body 0", "-body is 0"},
		{"-timeout 0", "-timeout is 0s"},
		{"-grace -1s", "-grace is -1s"},
		{"-timeout 5", "-timeout"},
		{"-log loud", "-log"},
		{"model", `"model" is no flag`},
		{"-burst 0 -body 0", "-body is 0"},
	} {
		if _, err := parse(strings.Fields(test.arguments), io.Discard); err == nil || !strings.Contains(err.Error(), test.words) {
			t.Errorf("%s: %v; want %q", test.arguments, err, test.words)
		}
	}
}

func TestHelpHasAnExample(t *testing.T) {
	var output strings.Builder
	if _, err := parse([]string{"-h"}, &output); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("got %v", err)
	}
	for _, words := range []string{"curl --data-binary @examples/waybill/test/11.png", "-in-flight", "by-length, dhl-express"} {
		if !strings.Contains(output.String(), words) {
			t.Errorf("the help does not say %q", words)
		}
	}
}
