package httpapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/oarlock/oarlock/examples/go-ocr/recogniser"
	"github.com/oarlock/oarlock/go/oarlock"
)

func TestAPictureIsAnsweredWithNumberConfidenceAndCheck(t *testing.T) {
	var picture []byte
	s := newService(t, readerFunc(func(_ context.Context, got []byte) (recogniser.Reading, error) {
		picture = got
		return recogniser.Reading{Number: "17612345675", Confidence: 0.75}, nil
	}), nil)
	expectAnswer(t, s.post("/v1/waybill"), 200, "application/json",
		`{"number":"17612345675","confidence":0.75,"check":{"rule":"air-waybill","status":"valid"}}`+"\n")
	if string(picture) != "picture" {
		t.Errorf("the reader got %q", picture)
	}
}

func TestAWrongCheckDigitIsToldWithTheRightOne(t *testing.T) {
	expectAnswer(t, newService(t, reads("17612345674", 1), nil).post("/v1/waybill"), 200, "application/json",
		`{"number":"17612345674","confidence":1,"check":{"rule":"air-waybill","status":"invalid","expected":"5"}}`+"\n")
	expectAnswer(t, newService(t, reads("123", 1), nil).post("/v1/waybill"), 200, "application/json",
		`{"number":"123","confidence":1,"check":{"status":"unchecked"}}`+"\n")
}

func TestABodyWithoutALengthIsRead(t *testing.T) {
	var picture []byte
	s := newService(t, readerFunc(func(_ context.Context, got []byte) (recogniser.Reading, error) {
		picture = got
		return recogniser.Reading{Number: "1"}, nil
	}), nil)
	// A reader of no known kind: httptest then tells no length, as for a chunked body.
	got := s.do(http.MethodPost, "/v1/waybill", iotest.OneByteReader(strings.NewReader("in pieces")))
	if got.Code != 200 || string(picture) != "in pieces" {
		t.Errorf("%d, %q", got.Code, picture)
	}
}

func form(t *testing.T, field, content string) (body io.Reader, contentType string) {
	t.Helper()
	var buffer bytes.Buffer
	writer := multipart.NewWriter(&buffer)
	if err := writer.WriteField("note", "something before it"); err != nil {
		t.Fatal(err)
	}
	file, err := writer.CreateFormFile(field, "waybill.png")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(file, content)
	writer.Close()
	return &buffer, writer.FormDataContentType()
}

func TestAPictureMayBeAFormsFile(t *testing.T) {
	var picture []byte
	s := newService(t, readerFunc(func(_ context.Context, got []byte) (recogniser.Reading, error) {
		picture = got
		return recogniser.Reading{Number: "1"}, nil
	}), nil)
	body, contentType := form(t, "image", "picture in a form")
	if got := s.do(http.MethodPost, "/v1/waybill", body, "Content-Type", contentType); got.Code != 200 || string(picture) != "picture in a form" {
		t.Errorf("%d, %q", got.Code, picture)
	}
}

func TestBodiesThatAreNoPictureAreRefused(t *testing.T) {
	s := newService(t, fails(errors.New("the reader was asked")), func(o *Options) { o.BodyBytesMax = 500 })
	withoutFile, contentType := form(t, "picture", "under a wrong name")
	empty, emptyType := form(t, "image", "")
	large, largeType := form(t, "image", strings.Repeat("x", 500))
	for name, test := range map[string]struct {
		body        io.Reader
		contentType string
		status      int
		code        string
		words       string
	}{
		"empty":             {http.NoBody, "", 400, "INVALID_ARGUMENT", "is empty"},
		"too large":         {strings.NewReader(strings.Repeat("x", 501)), "", 413, "OUT_OF_RANGE", "500 bytes"},
		"too large, chunks": {iotest.HalfReader(strings.NewReader(strings.Repeat("x", 501))), "", 413, "OUT_OF_RANGE", "500 bytes"},
		"form without it":   {withoutFile, contentType, 400, "INVALID_ARGUMENT", `no file "image"`},
		"form, empty":       {empty, emptyType, 400, "INVALID_ARGUMENT", "is empty"},
		"form, too large":   {large, largeType, 413, "OUT_OF_RANGE", "500 bytes"},
		"form, no boundary": {strings.NewReader("x"), "multipart/form-data", 400, "INVALID_ARGUMENT", "boundary"},
		"form, cut off":     {strings.NewReader("--b\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\nx"), "multipart/form-data; boundary=b", 400, "INVALID_ARGUMENT", "EOF"},
		"cut off":           {iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("xx"))), "", 400, "INVALID_ARGUMENT", "cannot be read"},
		"too slow":          {iotest.ErrReader(os.ErrDeadlineExceeded), "", 408, "DEADLINE_EXCEEDED", "in time"},
	} {
		t.Run(name, func(t *testing.T) {
			expectProblem(t, s.do(http.MethodPost, "/v1/waybill", test.body, "Content-Type", test.contentType), test.status, test.code, test.words)
		})
	}
}

func TestABodyOfTheLimitIsRead(t *testing.T) {
	s := newService(t, reads("1", 1), func(o *Options) { o.BodyBytesMax = 7 })
	if got := s.post("/v1/waybill"); got.Code != 200 {
		t.Errorf("%d, %s", got.Code, got.Body)
	}
}

func TestErrorsOfTheReaderHaveTheirStatus(t *testing.T) {
	for code, want := range map[oarlock.Code]struct {
		status     int
		retryAfter string
	}{
		oarlock.InvalidArgument:    {400, ""},
		oarlock.Cancelled:          {499, ""},
		oarlock.DeadlineExceeded:   {504, ""},
		oarlock.ResourceExhausted:  {503, "1"},
		oarlock.Unavailable:        {503, "1"},
		oarlock.Internal:           {500, ""},
		oarlock.Unknown:            {500, ""},
		oarlock.FailedPrecondition: {500, ""},
		oarlock.DataLoss:           {500, ""},
	} {
		t.Run(code.String(), func(t *testing.T) {
			s := newService(t, fails(&oarlock.Error{Code: code, Message: "what the library said"}), nil)
			got := s.post("/v1/waybill")
			words := "what the library said"
			if want.status == 500 {
				words = "the service's log says why"
			}
			expectProblem(t, got, want.status, code.String(), words)
			if retryAfter := got.Header().Get("Retry-After"); retryAfter != want.retryAfter {
				t.Errorf("Retry-After is %q, want %q", retryAfter, want.retryAfter)
			}
			if cause, _ := s.log.next(t)["cause"].(string); (want.status == 500) != strings.Contains(cause, "what the library said") {
				t.Errorf("the log's cause is %q", cause)
			}
		})
	}
}

func TestAPictureWithoutANumberCannotBeProcessed(t *testing.T) {
	expectProblem(t, newService(t, reads("", 0), nil).post("/v1/waybill"), 422, "NOT_FOUND", "no digits")
}

func TestAConfidenceThatIsNoNumberIsAnErrorOfOurs(t *testing.T) {
	expectProblem(t, newService(t, reads("1", float32(math.NaN())), nil).post("/v1/waybill"), 500, "UNKNOWN", "log")
}

func TestTheDeadlineReachesTheReader(t *testing.T) {
	s := newService(t, readerFunc(func(ctx context.Context, _ []byte) (recogniser.Reading, error) {
		<-ctx.Done()
		return recogniser.Reading{}, ctx.Err()
	}), func(o *Options) { o.Timeout = time.Millisecond })
	expectProblem(t, s.post("/v1/waybill"), 504, "DEADLINE_EXCEEDED", "deadline exceeded")
}

func TestMoreThanMayBeUnderWayIsToldToComeAgain(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	s := newService(t, readerFunc(func(context.Context, []byte) (recogniser.Reading, error) {
		entered <- struct{}{}
		<-leave
		return recogniser.Reading{Number: "1"}, nil
	}), func(o *Options) { o.InFlightMax = 1 })
	first := make(chan int)
	go func() { first <- s.post("/v1/waybill").Code }()
	<-entered
	got := s.post("/v1/waybill")
	expectProblem(t, got, 503, "UNAVAILABLE", "1 pictures are under way")
	if retryAfter := got.Header().Get("Retry-After"); retryAfter != "1" {
		t.Errorf("Retry-After is %q", retryAfter)
	}
	if line := s.log.next(t); line["status"] != 503.0 || line["in_flight"] != 1.0 {
		t.Errorf("logged %v", line)
	}
	close(leave)
	if code := <-first; code != 200 {
		t.Errorf("the first got %d", code)
	}
	go func() { <-entered }()
	if got := s.post("/v1/waybill"); got.Code != 200 {
		t.Errorf("the place was not given back: %d", got.Code)
	}
}

func TestOtherPathsAndMethods(t *testing.T) {
	s := newService(t, reads("1", 1), nil)
	got := s.do(http.MethodGet, "/v1/waybill", nil)
	expectProblem(t, got, 405, "UNIMPLEMENTED", "GET", "POST")
	if allow := got.Header().Get("Allow"); allow != "POST" {
		t.Errorf("Allow is %q", allow)
	}
	expectProblem(t, s.post("/healthz"), 405, "UNIMPLEMENTED", "POST", "GET")
	expectProblem(t, s.post("/v1/waybills"), 404, "NOT_FOUND", "/v1/waybills")
}
