package httpapi

import (
	"fmt"
	"net/http"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/oarlock/oarlock/go/oarlock"
)

// format is how an answer is written.
type format struct {
	text bool
	gbk  bool // text only: JSON is always in UTF-8
}

// negotiate finds the format that a request asks for. What its query says goes before what its headers say.
func negotiate(r *http.Request) (format, error) {
	query := r.URL.Query()
	var found format
	var charset string
	switch name := query.Get("format"); name {
	case "text":
		found.text = true
	case "json":
	case "":
		var acceptable bool
		if found.text, charset, acceptable = accepted(r.Header.Values("Accept")); !acceptable {
			return format{}, problemf(http.StatusNotAcceptable, oarlock.InvalidArgument,
				"Accept is %q; there are application/json and text/plain", r.Header.Get("Accept"))
		}
	default:
		return format{}, problemf(http.StatusBadRequest, oarlock.InvalidArgument, "format is %q; it may be json or text", name)
	}
	if name := query.Get("charset"); name != "" {
		charset = name
		if !isUTF8(name) && !isGBK(name) {
			return format{}, problemf(http.StatusBadRequest, oarlock.InvalidArgument,
				"charset is %q; it may be utf-8 or gbk", name)
		}
	}
	if charset == "" {
		charset = preferredCharset(r.Header.Values("Accept-Charset"))
	}
	found.gbk = isGBK(charset)
	return found, nil
}

// write answers with what was found.
func (f format) write(w http.ResponseWriter, found answer) {
	w.Header().Set("Vary", "Accept, Accept-Charset")
	if !f.text {
		writeJSON(w, http.StatusOK, found)
		return
	}
	text := found.text()
	if !f.gbk {
		write(w, http.StatusOK, "text/plain; charset=utf-8", []byte(text))
		return
	}
	encoded, err := simplifiedchinese.GBK.NewEncoder().String(text)
	if err != nil {
		writeProblem(w, problemOf(fmt.Errorf("%q cannot be written in GBK: %w", text, err)))
		return
	}
	write(w, http.StatusOK, "text/plain; charset=gbk", []byte(encoded))
}
