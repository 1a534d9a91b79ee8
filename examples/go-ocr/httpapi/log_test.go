package httpapi

import (
	"log/slog"
	"maps"
	"testing"
)

func TestALineForEachRequest(t *testing.T) {
	s := newService(t, reads("1", 1), nil)
	answerBytes := s.post("/v1/waybill?format=text").Body.Len()
	got := s.log.next(t)
	if duration, isNumber := got["duration_ms"].(float64); !isNumber || duration < 0 {
		t.Errorf("duration_ms is %v", got["duration_ms"])
	}
	delete(got, "duration_ms")
	delete(got, "time")
	want := map[string]any{
		"level": "INFO", "msg": "request", "method": "POST", "path": "/v1/waybill", "status": 200.0, "client": "192.0.2.1",
		"request_bytes": 7.0, "answer_bytes": float64(answerBytes), "in_flight": 0.0,
	}
	if !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestProblemsAreLoggedWithWhatWasAnswered(t *testing.T) {
	s := newService(t, reads("", 0), nil)
	s.post("/v1/waybill")
	got := s.log.next(t)
	if got["level"] != "INFO" || got["status"] != 422.0 || got["code"] != "NOT_FOUND" ||
		got["message"] != "no digits were found in the picture; the number should fill it" {
		t.Errorf("logged %v", got)
	}
	s = newService(t, fails(errTest), nil)
	s.post("/v1/waybill")
	if got := s.log.next(t); got["level"] != "ERROR" || got["status"] != 500.0 || got["cause"] != "a disk is full" {
		t.Errorf("logged %v", got)
	}
}

func TestALevelThatIsOffIsNotLogged(t *testing.T) {
	log := &lines{grown: make(chan struct{}, 1)}
	s := newService(t, reads("1", 1), func(o *Options) {
		o.Logger = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelError}))
	})
	s.post("/v1/waybill")
	if log.text.Len() != 0 {
		t.Errorf("logged %q", log.text.String())
	}
}
