// Package httpapi is the service over HTTP: routes, what they take and answer, and what every request goes through. It knows
// the recogniser by an interface only, so that tests need neither a library nor a model.
package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/oarlock/oarlock/examples/go-ocr/checkdigit"
	"github.com/oarlock/oarlock/examples/go-ocr/ratelimit"
	"github.com/oarlock/oarlock/examples/go-ocr/recogniser"
	"github.com/oarlock/oarlock/go/oarlock"
)

// Reader reads the number off a picture. Many goroutines use it at once. It returns soon after ctx has ended, with the
// context's error. *recogniser.Recogniser is one.
type Reader interface {
	Read(ctx context.Context, picture []byte) (recogniser.Reading, error)
}

// Options are what a handler is made of. All fields but Limiter must be set.
type Options struct {
	Reader Reader
	// Rule judges check digits.
	Rule checkdigit.Rule
	// Limiter is asked for a token for each picture; nil = clients may ask as often as they like.
	Limiter *ratelimit.Limiter
	// Logger gets a line for each request.
	Logger *slog.Logger
	// Timeout is how long a request may take, from its headers to the answer.
	Timeout time.Duration
	// BodyBytesMax is how large a request's body may be.
	BodyBytesMax int64
	// InFlightMax is the pictures received, waiting and read at once. What is beyond that is told to come again.
	InFlightMax int
	// Proxied says that all requests come through a proxy, which appends its client's address to X-Forwarded-For. It must not
	// be set otherwise: whoever asks could then claim any address.
	Proxied bool
	// Draining is closed when the service begins to shut down; /readyz then says so.
	Draining <-chan struct{}
}

// New makes the handler of all routes.
func New(options Options) http.Handler {
	waybill := &waybillHandler{Options: options, places: make(chan struct{}, options.InFlightMax)}
	routes := http.NewServeMux()
	routes.Handle("/v1/waybill", only(http.MethodPost, limited(options, waybill)))
	routes.Handle("/healthz", only(http.MethodGet, http.HandlerFunc(live)))
	routes.Handle("/readyz", only(http.MethodGet, ready(options.Draining)))
	routes.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, problemf(http.StatusNotFound, oarlock.NotFound, "there is no %s; pictures go to POST /v1/waybill", r.URL.Path))
	})
	return logged(options, waybill.inFlight, routes)
}

// only refuses other methods, with those there are.
func only(method string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == method || (method == http.MethodGet && r.Method == http.MethodHead) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Allow", method)
		writeProblem(w, problemf(http.StatusMethodNotAllowed, oarlock.Unimplemented,
			"%s does not take %s, but %s", r.URL.Path, r.Method, method))
	})
}
