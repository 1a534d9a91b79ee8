package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func picture(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "picture")
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEveryConnectionStaysOpenAndSendsEveryPicture(t *testing.T) {
	var mu sync.Mutex
	seen, clients, count := map[string]bool{}, map[string]bool{}, 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		seen[string(body)], clients[r.RemoteAddr] = true, true
		count++
	}))
	defer server.Close()
	var output strings.Builder
	err := run([]string{"-url", server.URL + "/", "-connections", "3", "-warm-up", "0", "-duration", "50ms", "-json",
		picture(t, "one"), picture(t, "two")}, &output)
	if err != nil {
		t.Fatal(err)
	}
	var got Result
	if err := json.Unmarshal([]byte(output.String()), &got); err != nil {
		t.Fatal(err)
	}
	if got.Requests != count || got.Errors != 0 || got.Connections != 3 || got.P50Millisecond <= 0 || got.P99Millisecond < got.P50Millisecond {
		t.Errorf("%+v; the server saw %d", got, count)
	}
	if len(seen) != 2 || !seen["one"] || !seen["two"] || len(clients) != 3 {
		t.Errorf("pictures %v from %d connections", seen, len(clients))
	}
}

func TestTheWarmUpDoesNotCount(t *testing.T) {
	var count atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count.Add(1)
	}))
	defer server.Close()
	now := time.Now()
	c := &connection{host: server.Listener.Addr().String()}
	got := askUntil(c, [][]byte{[]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")}, 0, now.Add(time.Hour), now)
	if len(got.latencies) != 0 || got.errors != 0 || count.Load() != 1 {
		t.Errorf("%+v of %d", got, count.Load())
	}
}

func TestAnswersOtherThan200AreErrors(t *testing.T) {
	var count atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if count.Add(1)%2 == 0 {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}))
	defer server.Close()
	var output strings.Builder
	if err := run([]string{"-url", server.URL, "-connections", "2", "-warm-up", "0", "-duration", "50ms", "-json", picture(t, "x")}, &output); err != nil {
		t.Fatal(err)
	}
	var got Result
	if err := json.Unmarshal([]byte(output.String()), &got); err != nil {
		t.Fatal(err)
	}
	if got.Errors != int(count.Load())/2 || got.Requests != int(count.Load()+1)/2 || got.FirstError != "status 429" {
		t.Errorf("%+v of %d", got, count.Load())
	}
}

func TestALostConnectionIsAnErrorAndMadeAnew(t *testing.T) {
	var count atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if count.Add(1) == 1 {
			panic(http.ErrAbortHandler)
		}
	}))
	defer server.Close()
	c := &connection{host: server.Listener.Addr().String()}
	defer c.close()
	request := []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if err := c.ask(request); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
	if err := c.ask(request); err != nil {
		t.Errorf("the next one got %v", err)
	}
}

func TestPercentilesAreByNearestRank(t *testing.T) {
	sorted := make([]time.Duration, 200)
	for i := range sorted {
		sorted[i] = time.Duration(i + 1)
	}
	for share, want := range map[float64]time.Duration{0.5: 100, 0.99: 198, 1: 200, 0: 1} {
		if got := percentile(sorted, share); got != want {
			t.Errorf("%v: %d, want %d", share, got, want)
		}
	}
	if got := percentile(sorted[:1], 0.99); got != 1 {
		t.Errorf("of one: %d", got)
	}
}

func TestTheSummaryAddsUpAllConnections(t *testing.T) {
	ms := time.Millisecond
	got, err := summary([]sample{
		{[]time.Duration{4 * ms, 2 * ms}, 1, errors.New("lost")},
		{[]time.Duration{3 * ms, 1 * ms}, 0, nil},
	}, 2*time.Second)
	want := Result{Connections: 2, Seconds: 2, Requests: 4, RequestsPerS: 2, P50Millisecond: 2, P99Millisecond: 4, Errors: 1, FirstError: "lost"}
	if err != nil || got != want {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
	}
	if _, err := summary([]sample{{nil, 3, errors.New("lost")}}, time.Second); err == nil || !strings.Contains(err.Error(), "3 errors, the first: lost") {
		t.Errorf("of nothing: %v", err)
	}
}

func TestWrongCallsAreToldWhatIsRight(t *testing.T) {
	file := picture(t, "x")
	for _, test := range []struct{ arguments, words string }{
		{"-url ftp://127.0.0.1:1/ " + file, "http://127.0.0.1:8080"},
		{"-url http://127.0.0.1/ " + file, "with a port"},
		{"-connections 0 " + file, "-connections is 0"},
		{"-duration 0s " + file, "-duration 0s"},
		{"", "no pictures"},
		{"/nowhere.png", "/nowhere.png"},
	} {
		if err := run(strings.Fields(test.arguments), io.Discard); err == nil || !strings.Contains(err.Error(), test.words) {
			t.Errorf("%q: %v", test.arguments, err)
		}
	}
}
