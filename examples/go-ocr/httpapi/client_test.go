package httpapi

import (
	"net/http/httptest"
	"testing"

	"github.com/oarlock/oarlock/examples/go-ocr/ratelimit"
)

func TestAClientThatAsksTooOftenIsToldWhenToComeAgain(t *testing.T) {
	s := newService(t, reads("1", 1), func(o *Options) { o.Limiter = ratelimit.New(0.001, 2, 10) })
	for range 2 {
		if got := s.post("/v1/waybill"); got.Code != 200 {
			t.Fatalf("%d, %s", got.Code, got.Body)
		}
	}
	got := s.post("/v1/waybill")
	expectProblem(t, got, 429, "RESOURCE_EXHAUSTED", "192.0.2.1")            // httptest's client
	if retryAfter := got.Header().Get("Retry-After"); retryAfter != "1000" { // a token is there after 1,000 s, rounded up
		t.Errorf("Retry-After is %q", retryAfter)
	}
	if got := s.do("GET", "/healthz", nil); got.Code != 200 {
		t.Errorf("/healthz is limited: %d", got.Code)
	}
}

func TestBehindAProxyClientsHaveRatesOfTheirOwn(t *testing.T) {
	limit := func(proxied bool) service {
		return newService(t, reads("1", 1), func(o *Options) { o.Limiter, o.Proxied = ratelimit.New(0.001, 1, 10), proxied })
	}
	s := limit(true)
	for _, test := range []struct {
		forwardedFor string
		status       int
	}{
		{"198.51.100.1", 200},
		{"198.51.100.2", 200},
		{"198.51.100.2", 429},
		{"203.0.113.9, 198.51.100.2", 429}, // what the client claims does not count
	} {
		if got := s.post("/v1/waybill", "X-Forwarded-For", test.forwardedFor); got.Code != test.status {
			t.Errorf("%s: %d, want %d", test.forwardedFor, got.Code, test.status)
		}
	}
	s = limit(false)
	for i, status := range []int{200, 429} {
		if got := s.post("/v1/waybill", "X-Forwarded-For", []string{"198.51.100.1", "198.51.100.2"}[i]); got.Code != status {
			t.Errorf("without a proxy: %d, want %d", got.Code, status)
		}
	}
}

func TestClientOf(t *testing.T) {
	for _, test := range []struct {
		remote, forwardedFor string
		proxied              bool
		want                 string
	}{
		{"192.0.2.7:1234", "198.51.100.1", false, "192.0.2.7"},
		{"192.0.2.7:1234", "198.51.100.1", true, "198.51.100.1"},
		{"192.0.2.7:1234", "a, 2001:db8::1", true, "2001:db8::1"},
		{"192.0.2.7:1234", "unknown", true, "192.0.2.7"},
		{"192.0.2.7:1234", "", true, "192.0.2.7"},
		{"[2001:db8::2]:1234", "", false, "2001:db8::2"},
		{"@", "", false, "invalid IP"},
	} {
		request := httptest.NewRequest("GET", "/", nil)
		request.RemoteAddr = test.remote
		if test.forwardedFor != "" {
			request.Header.Set("X-Forwarded-For", test.forwardedFor)
		}
		if got := clientOf(request, test.proxied).String(); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}
