package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oarlock/oarlock/examples/go-ocr/checkdigit"
	"github.com/oarlock/oarlock/examples/go-ocr/recogniser"
)

// readerFunc is a Reader.
type readerFunc func(ctx context.Context, picture []byte) (recogniser.Reading, error)

func (f readerFunc) Read(ctx context.Context, picture []byte) (recogniser.Reading, error) {
	return f(ctx, picture)
}

// reads answers everything with one number.
func reads(number string, confidence float32) readerFunc {
	return func(context.Context, []byte) (recogniser.Reading, error) {
		return recogniser.Reading{Number: number, Confidence: confidence}, nil
	}
}

// fails answers everything with one error.
func fails(err error) readerFunc {
	return func(context.Context, []byte) (recogniser.Reading, error) { return recogniser.Reading{}, err }
}

// service is a handler with its log.
type service struct {
	http.Handler
	log *lines
}

// newService makes one with a reader and defaults that no test meets; change alters them.
func newService(t *testing.T, reader Reader, change func(*Options)) service {
	t.Helper()
	log := &lines{grown: make(chan struct{}, 100)}
	rule, err := checkdigit.ByName("by-length")
	if err != nil {
		t.Fatal(err)
	}
	options := Options{
		Reader: reader, Rule: rule, Logger: slog.New(slog.NewJSONHandler(log, nil)), Timeout: time.Minute,
		BodyBytesMax: 1 << 20, InFlightMax: 10, Draining: make(chan struct{}),
	}
	if change != nil {
		change(&options)
	}
	return service{New(options), log}
}

// do asks without a network. The headers alternate names and values.
func (s service) do(method, target string, body io.Reader, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, target, body)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, request)
	return recorder
}

func (s service) post(target string, headers ...string) *httptest.ResponseRecorder {
	return s.do(http.MethodPost, target, strings.NewReader("picture"), headers...)
}

// lines is a log that can be read meanwhile.
type lines struct {
	mu    sync.Mutex
	text  bytes.Buffer
	grown chan struct{}
}

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.grown <- struct{}{}
	return l.text.Write(line)
}

// next waits for a line, and gives it as the values of its keys.
func (l *lines) next(t *testing.T) map[string]any {
	t.Helper()
	select {
	case <-l.grown:
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was logged")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	line, err := l.text.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]any{}
	if err := json.Unmarshal(line, &values); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return values
}

func expectAnswer(t *testing.T, got *httptest.ResponseRecorder, status int, contentType, body string) {
	t.Helper()
	if got.Code != status || got.Header().Get("Content-Type") != contentType || got.Body.String() != body {
		t.Errorf("got  %d, %q, %q\nwant %d, %q, %q", got.Code, got.Header().Get("Content-Type"), got.Body, status, contentType, body)
	}
}

// expectProblem checks an error's answer: all of it but the message, of which it wants some words.
func expectProblem(t *testing.T, got *httptest.ResponseRecorder, status int, code string, words ...string) {
	t.Helper()
	var body struct {
		Error struct{ Code, Message string }
	}
	if err := json.Unmarshal(got.Body.Bytes(), &body); err != nil {
		t.Fatalf("%q: %v", got.Body, err)
	}
	if got.Code != status || body.Error.Code != code || got.Header().Get("Content-Type") != "application/json" {
		t.Errorf("got %d, %s, %s; want %d, application/json, %s", got.Code, got.Header().Get("Content-Type"), got.Body, status, code)
	}
	for _, word := range words {
		if !strings.Contains(body.Error.Message, word) {
			t.Errorf("%q does not say %q", body.Error.Message, word)
		}
	}
}
