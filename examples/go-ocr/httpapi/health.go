package httpapi

import (
	"net/http"

	"github.com/oarlock/oarlock/go/oarlock"
)

// live says that the process answers; if it does not, it should be started again.
func live(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"status": "live"})
}

// ready says whether pictures are welcome. The model is loaded before the service listens, so they are until it shuts down.
func ready(draining <-chan struct{}) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		select {
		case <-draining:
			writeProblem(w, problemf(http.StatusServiceUnavailable, oarlock.Unavailable, "the service is shutting down"))
		default:
			writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
		}
	})
}
