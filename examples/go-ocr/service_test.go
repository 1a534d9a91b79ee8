package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// root is the repository's, from where the defaults are meant.
const root = "../.."

// start runs the service from the repository's root, with the library that OARLOCK_LIBRARY names, on a port that the kernel
// picks. It is stopped at the test's end, and must end well.
func start(t *testing.T, flags ...string) (address string) {
	t.Helper()
	library := os.Getenv("OARLOCK_LIBRARY")
	if library == "" {
		t.Skip("OARLOCK_LIBRARY is not set: it is the path of liboarlock.so")
	}
	t.Chdir(root)
	c, err := parse(append([]string{"-addr", "127.0.0.1:0", "-library", library}, flags...), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	output, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, c, writer)
		writer.CloseWithError(err)
		ended <- err
	}()
	lines := bufio.NewScanner(output)
	for address == "" && lines.Scan() {
		var line struct{ Address string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v", lines.Bytes(), err)
		}
		address = line.Address
	}
	if address == "" {
		stop()
		t.Fatal(<-ended)
	}
	last := make(chan string, 1)
	go func() {
		line := ""
		for lines.Scan() {
			line = lines.Text()
		}
		last <- line
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if line := <-last; !strings.Contains(line, `"msg":"stopped"`) {
			t.Errorf("the last line of the log is %s", line)
		}
	})
	return address
}

func TestAllPicturesAreReadOverHTTP(t *testing.T) {
	address := start(t)
	labels, err := os.ReadFile("examples/waybill/test/labels.txt")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for line := range strings.Lines(string(labels)) {
		var name, label string
		if _, err := fmt.Sscan(line, &name, &label); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		count++
		picture, err := os.ReadFile(filepath.Join("examples/waybill/test", name))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.Post("http://"+address+"/v1/waybill", "image/png", bytes.NewReader(picture))
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Number     string
			Confidence float64
			Check      struct{ Rule, Status string }
		}
		err = json.NewDecoder(answer.Body).Decode(&got)
		answer.Body.Close()
		if err != nil || answer.StatusCode != 200 || got.Number != label || got.Confidence < 0.9 || got.Confidence > 1 {
			t.Errorf("%s: %d, %+v, %v; want %s", name, answer.StatusCode, got, err, label)
		}
		// The numbers are random: of the twenty, one happens to have the right check digit.
		if want := map[bool]string{true: "valid", false: "invalid"}[name == "11.png"]; got.Check.Status != want {
			t.Errorf("%s: the check digit is %+v, want %s", name, got.Check, want)
		}
		rule := map[int]string{10: "dhl-express", 11: "air-waybill", 12: "fedex-express"}[len(label)]
		if got.Check.Rule != rule {
			t.Errorf("%s: the rule is %q, want %s", name, got.Check.Rule, rule)
		}
	}
	if count != 20 {
		t.Errorf("%d pictures, want 20", count)
	}
}

// TestTheREADMEsCommands runs what README.md shows after "$ curl", and compares what comes with what it shows.
func TestTheREADMEsCommands(t *testing.T) {
	for _, program := range []string{"curl", "iconv"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	address := start(t)
	examples := regexp.MustCompile(`(?m)^\$ (curl .*)\n((?:[^$\x60].*\n)+)`).FindAllSubmatch(readme, -1)
	if len(examples) < 4 {
		t.Fatalf("%d examples were found", len(examples))
	}
	// The last digits of a confidence are the processor's.
	digits := regexp.MustCompile(`(\d\.\d{4})\d+`)
	same := func(one, other string) bool {
		return digits.ReplaceAllString(one, "$1") == digits.ReplaceAllString(other, "$1")
	}
	for _, example := range examples {
		command := strings.ReplaceAll(string(example[1]), "127.0.0.1:8080", address)
		got, err := exec.Command("sh", "-c", strings.Replace(command, "curl ", "curl --silent --show-error --max-time 30 ", 1)).CombinedOutput()
		if want := string(example[2]); err != nil || !same(string(got), want) {
			t.Errorf("%s\ngives %v\n%swant\n%s", example[1], err, got, want)
		}
	}
}

func TestWhatCannotStartSaysWhy(t *testing.T) {
	address := start(t)
	for name, test := range map[string]struct{ flag, value, words string }{
		"port in use": {"-addr", address, "address already in use"},
		"no model":    {"-model", "examples/waybill", "examples/waybill"},
		"no library":  {"-library", "/nowhere/liboarlock.so", "/nowhere/liboarlock.so"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := parse([]string{"-addr", "127.0.0.1:0", "-library", os.Getenv("OARLOCK_LIBRARY"), test.flag, test.value}, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			if err := run(context.Background(), c, io.Discard); err == nil || !strings.Contains(err.Error(), test.words) {
				t.Errorf("got %v, want %q", err, test.words)
			}
		})
	}
}
