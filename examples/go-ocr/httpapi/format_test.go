package httpapi

import (
	"net/http/httptest"
	"strings"
	"testing"
)

const (
	asJSON = `{"number":"17612345675","confidence":0.75,"check":{"rule":"air-waybill","status":"valid"}}` + "\n"
	asText = "单号: 17612345675\n置信度: 75.00%\n校验: 通过 (air-waybill)\n"
	// The same in GBK, byte by byte: 单 B5A5, 号 BAC5, 置 D6C3, 信 D0C5, 度 B6C8, 校 D0A3, 验 D1E9, 通 CDA8, 过 B9FD.
	asGBK = "\xb5\xa5\xba\xc5: 17612345675\n\xd6\xc3\xd0\xc5\xb6\xc8: 75.00%\n\xd0\xa3\xd1\xe9: \xcd\xa8\xb9\xfd (air-waybill)\n"
)

func TestTheAnswerIsInTheFormatThatWasAskedFor(t *testing.T) {
	const (
		json = "application/json"
		text = "text/plain; charset=utf-8"
		gbk  = "text/plain; charset=gbk"
	)
	bodies := map[string]string{json: asJSON, text: asText, gbk: asGBK}
	s := newService(t, reads("17612345675", 0.75), nil)
	for _, test := range []struct {
		query, accept, acceptCharset string
		want                         string
	}{
		{"", "", "", json},
		{"", "*/*", "", json},
		{"", "application/json", "gbk", json},
		{"", "application/*", "", json},
		{"", "text/plain", "", text},
		{"", "text/*", "", text},
		{"", "TEXT/PLAIN", "", text},
		{"", "text/html, text/plain;q=0.5, */*;q=0.1", "", text},
		{"", "text/plain;q=0.5, application/json", "", json},
		{"", "text/plain, application/json", "", json},
		{"", "text/plain, */*;q=0.5", "", text},
		{"", "*/*, application/json;q=0", "", text},
		{"", "text/plain", "GBK", gbk},
		{"", "text/plain", "gb2312, utf-8;q=0.5", gbk},
		{"", "text/plain", "gbk;q=0.5, utf-8;q=0.8", text},
		{"", "text/plain", "gbk, utf-8", text},
		{"", "text/plain", "utf-8, gbk", text},
		{"", "text/plain", "gbk;q=0", text},
		{"", "text/plain", "iso-8859-1", text},
		{"", "text/plain; charset=gbk", "", gbk},
		{"", "text/plain; charset=gbk", "utf-8", gbk},
		{"format=text", "", "", text},
		{"format=text", "application/json", "gbk", gbk},
		{"format=text&charset=gbk", "", "utf-8", gbk},
		{"format=text&charset=utf-8", "", "gbk", text},
		{"charset=gbk", "text/plain", "", gbk},
		{"format=json&charset=gbk", "text/plain", "", json},
	} {
		t.Run(test.query+" "+test.accept+" "+test.acceptCharset, func(t *testing.T) {
			var headers []string
			if test.accept != "" {
				headers = append(headers, "Accept", test.accept)
			}
			if test.acceptCharset != "" {
				headers = append(headers, "Accept-Charset", test.acceptCharset)
			}
			got := s.post("/v1/waybill?"+test.query, headers...)
			expectAnswer(t, got, 200, test.want, bodies[test.want])
			if vary := got.Header().Get("Vary"); vary != "Accept, Accept-Charset" {
				t.Errorf("Vary is %q", vary)
			}
		})
	}
}

func TestFormatsThatThereAreNotAreRefusedBeforeAnythingIsRead(t *testing.T) {
	s := newService(t, fails(nil), nil)
	expectProblem(t, s.post("/v1/waybill?format=xml"), 400, "INVALID_ARGUMENT", `"xml"`, "json or text")
	expectProblem(t, s.post("/v1/waybill?format=text&charset=big5"), 400, "INVALID_ARGUMENT", `"big5"`, "utf-8 or gbk")
	expectProblem(t, s.post("/v1/waybill", "Accept", "text/html"), 406, "INVALID_ARGUMENT", `"text/html"`, "text/plain")
	expectProblem(t, s.post("/v1/waybill", "Accept", "*/*;q=0"), 406, "INVALID_ARGUMENT", "application/json")
}

func TestTextTellsWhatCameOfTheCheck(t *testing.T) {
	for number, want := range map[string]string{
		"17612345674": "校验: 未通过 (air-waybill, 末位应为 5)",
		"123":         "校验: 未检查",
	} {
		s := newService(t, reads(number, 1), nil)
		if got := s.post("/v1/waybill?format=text").Body.String(); !strings.HasSuffix(got, "\n"+want+"\n") {
			t.Errorf("%q does not end with %q", got, want)
		}
		if got := s.post("/v1/waybill?format=text&charset=gbk"); got.Code != 200 {
			t.Errorf("%q has no form in GBK: %s", want, got.Body)
		}
	}
}

func FuzzNegotiate(f *testing.F) {
	f.Add("text/plain;q=0.5, */*", "gbk;q=1", "format=text")
	f.Add(";,;", "*;q=", "charset=\x00")
	f.Fuzz(func(t *testing.T, accept, charset, query string) {
		request := httptest.NewRequest("POST", "/", nil)
		request.URL.RawQuery = query
		request.Header["Accept"], request.Header["Accept-Charset"] = []string{accept}, []string{charset}
		if found, err := negotiate(request); err != nil && found != (format{}) {
			t.Errorf("%v and %v", found, err)
		}
	})
}
