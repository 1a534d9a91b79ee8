package httpapi

import (
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/oarlock/oarlock/go/oarlock"
)

// clientOf is the address of who asks; the zero Addr if it cannot be told. Of X-Forwarded-For only the last entry counts: the
// proxy has written that one, and the client may have written the others.
func clientOf(r *http.Request, proxied bool) netip.Addr {
	if values := r.Header.Values("X-Forwarded-For"); proxied && len(values) > 0 {
		entries := strings.Split(values[len(values)-1], ",")
		if client, err := netip.ParseAddr(strings.TrimSpace(entries[len(entries)-1])); err == nil {
			return client
		}
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return peer.Addr()
}

// limited refuses clients that ask too often, before it reads their bodies.
func limited(options Options, next http.Handler) http.Handler {
	if options.Limiter == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client := clientOf(r, options.Proxied)
		if ok, wait := options.Limiter.Take(client, time.Now()); !ok {
			writeProblem(w, problemf(http.StatusTooManyRequests, oarlock.ResourceExhausted,
				"%v asks too often; come again in %v", client, wait.Round(time.Millisecond)).retry(wait))
			return
		}
		next.ServeHTTP(w, r)
	})
}
