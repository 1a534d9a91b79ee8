package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/oarlock/oarlock/go/oarlock"
)

// statusClientGone is what nginx logs for requests whose client did not wait. Nobody receives it.
const statusClientGone = 499

// problem is an error as it is answered. Its code is one of oarlock's names.
type problem struct {
	status  int
	code    string
	message string
	// retryAfter is when to come again; 0 = no advice.
	retryAfter time.Duration
	// cause is for the log only.
	cause error
}

func (p *problem) Error() string { return p.message }

func problemf(status int, code oarlock.Code, format string, arguments ...any) *problem {
	return &problem{status: status, code: code.String(), message: fmt.Sprintf(format, arguments...)}
}

func (p *problem) retry(after time.Duration) *problem {
	p.retryAfter = after
	return p
}

// statuses are the answers to oarlock's codes. What is not here is the service's own failure: 500.
var statuses = map[oarlock.Code]int{
	oarlock.Cancelled:         statusClientGone,
	oarlock.InvalidArgument:   http.StatusBadRequest,
	oarlock.DeadlineExceeded:  http.StatusGatewayTimeout,
	oarlock.ResourceExhausted: http.StatusServiceUnavailable,
	oarlock.Unavailable:       http.StatusServiceUnavailable,
}

// problemOf is an error of ours as it is, and any other by its code. What went wrong inside is for the log, not for clients.
func problemOf(err error) *problem {
	var ours *problem
	if errors.As(err, &ours) {
		return ours
	}
	code := oarlock.CodeOf(err)
	status, known := statuses[code]
	if !known {
		p := problemf(http.StatusInternalServerError, code, "the picture could not be read; the service's log says why")
		p.cause = err
		return p
	}
	p := problemf(status, code, "%s", messageOf(err))
	if status == http.StatusServiceUnavailable {
		p.retryAfter = time.Second
	}
	return p
}

// messageOf is an error's text without the code, which stands beside it.
func messageOf(err error) string {
	var theirs *oarlock.Error
	if errors.As(err, &theirs) {
		return theirs.Message
	}
	return err.Error()
}

// writeProblem answers with {"error": {"code", "message"}}, in JSON whatever the client accepts: it is for programs.
func writeProblem(w http.ResponseWriter, p *problem) {
	if record, ok := w.(*record); ok {
		record.problem = p
	}
	if p.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(p.retryAfter.Seconds()))))
	}
	type text struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	writeJSON(w, p.status, struct {
		Error text `json:"error"`
	}{text{p.code, p.message}})
}

// writeJSON answers with a value. One that JSON has no form for, as a NaN, is an error of ours.
func writeJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		writeProblem(w, problemOf(err))
		return
	}
	write(w, status, "application/json", append(body, '\n'))
}

// write answers in one piece.
func write(w http.ResponseWriter, status int, contentType string, body []byte) {
	header := w.Header()
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(body) // an error means that the client has gone; nobody is left to be told
}
