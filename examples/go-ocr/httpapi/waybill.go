package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/oarlock/oarlock/examples/go-ocr/checkdigit"
	"github.com/oarlock/oarlock/go/oarlock"
)

// answer is what a picture is answered with.
type answer struct {
	Number     string             `json:"number"`
	Confidence float32            `json:"confidence"`
	Check      checkdigit.Verdict `json:"check"`
}

// waybillHandler answers POST /v1/waybill.
type waybillHandler struct {
	Options
	// places holds a value for each request under way. They are taken before a body is read, so that InFlightMax times
	// BodyBytesMax, twice because the library gets a copy, bounds the memory of all pictures.
	places chan struct{}
}

func (h *waybillHandler) inFlight() int { return len(h.places) }

func (h *waybillHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	format, err := negotiate(r)
	if err != nil {
		writeProblem(w, problemOf(err))
		return
	}
	select {
	case h.places <- struct{}{}:
		defer func() { <-h.places }()
	default:
		writeProblem(w, problemf(http.StatusServiceUnavailable, oarlock.Unavailable,
			"%d pictures are under way, as many as may be; come again", h.InFlightMax).retry(time.Second))
		return
	}
	found, err := h.read(w, r)
	if err != nil {
		writeProblem(w, problemOf(err))
		return
	}
	format.write(w, found)
}

func (h *waybillHandler) read(w http.ResponseWriter, r *http.Request) (answer, error) {
	// The request's own context ends when its client goes away.
	ctx, cancel := context.WithTimeout(r.Context(), h.Timeout)
	defer cancel()
	picture, err := pictureOf(w, r, h.BodyBytesMax)
	if err != nil {
		return answer{}, err
	}
	reading, err := h.Reader.Read(ctx, picture)
	if err != nil {
		return answer{}, err
	}
	if reading.Number == "" {
		return answer{}, problemf(http.StatusUnprocessableEntity, oarlock.NotFound,
			"no digits were found in the picture; the number should fill it")
	}
	return answer{reading.Number, reading.Confidence, h.Rule.Check(reading.Number)}, nil
}
