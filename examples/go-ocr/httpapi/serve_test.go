package httpapi

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/oarlock/oarlock/examples/go-ocr/recogniser"
)

var (
	errTest = errors.New("a disk is full")
	discard = slog.New(slog.DiscardHandler)
)

// closeSpy is a listener that tells when it is closed.
type closeSpy struct {
	net.Listener
	closed chan struct{}
}

func (l *closeSpy) Close() error {
	select {
	case <-l.closed:
	default:
		close(l.closed)
	}
	return l.Listener.Close()
}

// running is a service on a port of its own.
type running struct {
	url      string
	listener *closeSpy
	stop     context.CancelFunc
	ended    chan error
	log      *lines
}

func serve(t *testing.T, reader Reader, grace time.Duration) running {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	s := newService(t, reader, func(o *Options) { o.Draining = ctx.Done() })
	r := running{"http://" + listener.Addr().String(), &closeSpy{listener, make(chan struct{})}, stop, make(chan error, 1), s.log}
	server := Server{Handler: s, Timeout: time.Minute, Grace: grace, Logger: discard}
	go func() { r.ended <- server.Serve(ctx, r.listener) }()
	return r
}

type result struct {
	status int
	body   string
	err    error
}

func (r running) post(ctx context.Context) <-chan result {
	return r.send(ctx, strings.NewReader("picture"), "")
}

func (r running) send(ctx context.Context, body io.Reader, contentType string) <-chan result {
	results := make(chan result, 1)
	go func() {
		request, _ := http.NewRequestWithContext(ctx, http.MethodPost, r.url+"/v1/waybill", body)
		request.Header.Set("Content-Type", contentType)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			results <- result{err: err}
			return
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		results <- result{answer.StatusCode, string(body), err}
	}()
	return results
}

func TestShutdownFinishesWhatRunsAndTakesNothingMore(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	r := serve(t, readerFunc(func(context.Context, []byte) (recogniser.Reading, error) {
		close(entered)
		<-leave
		return recogniser.Reading{Number: "17612345675", Confidence: 0.75}, nil
	}), time.Minute)
	first := r.post(context.Background())
	<-entered
	r.stop()
	<-r.listener.closed
	if late := <-r.post(context.Background()); late.err == nil {
		t.Errorf("a request after the end got %d", late.status)
	}
	select {
	case err := <-r.ended:
		t.Fatalf("it ended with a request under way: %v", err)
	default:
	}
	close(leave)
	if got := <-first; got.err != nil || got.status != 200 || got.body != asJSON {
		t.Errorf("the request under way got %+v", got)
	}
	if err := <-r.ended; err != nil {
		t.Error(err)
	}
}

func TestShutdownIsBounded(t *testing.T) {
	entered, seen := make(chan struct{}), make(chan error, 1)
	r := serve(t, readerFunc(func(ctx context.Context, _ []byte) (recogniser.Reading, error) {
		close(entered)
		<-ctx.Done()
		seen <- ctx.Err()
		return recogniser.Reading{}, ctx.Err()
	}), time.Millisecond)
	first := r.post(context.Background())
	<-entered
	r.stop()
	if err := <-r.ended; err == nil || !strings.Contains(err.Error(), "1ms") {
		t.Errorf("got %v", err)
	}
	if err := <-seen; !errors.Is(err, context.Canceled) {
		t.Errorf("the reader saw %v", err)
	}
	if got := <-first; got.err == nil {
		t.Errorf("the client got %+v", got)
	}
}

func TestAClientThatGoesAwayEndsTheReading(t *testing.T) {
	formBody, formType := form(t, "image", "picture")
	for name, test := range map[string]struct {
		body        io.Reader
		contentType string
	}{
		"length":  {strings.NewReader("picture"), ""},
		"chunked": {iotest.HalfReader(strings.NewReader("picture")), ""},
		// With more after the file than one read takes.
		"form": {io.MultiReader(formBody, strings.NewReader(strings.Repeat("\r\n", 100_000))), formType},
	} {
		t.Run(name, func(t *testing.T) {
			entered, seen := make(chan struct{}), make(chan error, 1)
			r := serve(t, readerFunc(func(ctx context.Context, _ []byte) (recogniser.Reading, error) {
				close(entered)
				<-ctx.Done()
				seen <- ctx.Err()
				return recogniser.Reading{}, ctx.Err()
			}), time.Minute)
			ctx, leave := context.WithCancel(context.Background())
			first := r.send(ctx, test.body, test.contentType)
			<-entered
			leave()
			if got := <-first; !errors.Is(got.err, context.Canceled) {
				t.Errorf("the client got %+v", got)
			}
			select {
			case err := <-seen:
				if !errors.Is(err, context.Canceled) {
					t.Errorf("the reader saw %v", err)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("the reader was not told")
			}
			if line := r.log.next(t); line["status"] != 499.0 || line["code"] != "CANCELLED" {
				t.Errorf("logged %v", line)
			}
		})
	}
}

func TestALostListenerIsAnError(t *testing.T) {
	r := serve(t, reads("1", 1), time.Minute)
	r.listener.Listener.Close()
	if err := <-r.ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestHealth(t *testing.T) {
	draining := make(chan struct{})
	s := newService(t, reads("1", 1), func(o *Options) { o.Draining = draining })
	expectAnswer(t, s.do("GET", "/healthz", nil), 200, "application/json", `{"status":"live"}`+"\n")
	expectAnswer(t, s.do("GET", "/readyz", nil), 200, "application/json", `{"status":"ready"}`+"\n")
	if got := s.do("HEAD", "/readyz", nil); got.Code != 200 {
		t.Errorf("HEAD: %d", got.Code)
	}
	close(draining)
	expectProblem(t, s.do("GET", "/readyz", nil), 503, "UNAVAILABLE", "shutting down")
	expectAnswer(t, s.do("GET", "/healthz", nil), 200, "application/json", `{"status":"live"}`+"\n")
}
