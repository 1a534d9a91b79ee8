package httpapi

import (
	"io"
	"log/slog"
	"net/http"
	"time"
)

// record is a ResponseWriter that remembers what the log tells of the request.
type record struct {
	http.ResponseWriter
	status       int
	answerBytes  int64
	requestBytes int64
	problem      *problem
}

func (r *record) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *record) Write(body []byte) (int, error) {
	count, err := r.ResponseWriter.Write(body)
	r.answerBytes += int64(count)
	return count, err
}

// Unwrap lets http.ResponseController find what is below.
func (r *record) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// countedBody counts what is read of a request's body.
type countedBody struct {
	io.ReadCloser
	bytes *int64
}

func (b countedBody) Read(into []byte) (int, error) {
	count, err := b.ReadCloser.Read(into)
	*b.bytes += int64(count)
	return count, err
}

// logged writes a line for each request: what was asked, what came of it, and how many were under way when it came.
func logged(options Options, inFlight func() int, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, before := time.Now(), inFlight()
		record := &record{ResponseWriter: w, status: http.StatusOK}
		r.Body = countedBody{r.Body, &record.requestBytes}
		next.ServeHTTP(record, r)

		level := slog.LevelInfo
		if record.status >= 500 {
			level = slog.LevelError
		}
		if !options.Logger.Enabled(r.Context(), level) {
			return
		}
		attributes := []slog.Attr{
			slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", record.status),
			slog.Float64("duration_ms", float64(time.Since(began).Microseconds())/1000),
			slog.String("client", clientOf(r, options.Proxied).String()),
			slog.Int64("request_bytes", record.requestBytes), slog.Int64("answer_bytes", record.answerBytes),
			slog.Int("in_flight", before),
		}
		if p := record.problem; p != nil {
			attributes = append(attributes, slog.String("code", p.code), slog.String("message", p.message))
			if p.cause != nil {
				attributes = append(attributes, slog.String("cause", p.cause.Error()))
			}
		}
		options.Logger.LogAttrs(r.Context(), level, "request", attributes...)
	})
}
