package zlib

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestChecksumsOfKnownTexts(t *testing.T) {
	if got := Crc32(0, []byte("123456789")); got != 0xcbf43926 {
		t.Errorf("crc32 is %#x", got)
	}
	if got := Adler32(1, []byte("Wikipedia")); got != 0x11e60398 {
		t.Errorf("adler32 is %#x", got)
	}
	if got := Crc32(0xcbf43926, nil); got != 0xcbf43926 {
		t.Errorf("an empty slice changed crc32 to %#x", got)
	}
}

func TestRoundTrip(t *testing.T) {
	text := []byte(strings.Repeat("the same again and again; ", 200))
	packed := make([]byte, CompressBound(uint(len(text))))
	size, err := Compress2(packed, text, 9)
	if err != nil {
		t.Fatal(err)
	}
	if size >= uint(len(text)) {
		t.Errorf("%d bytes became %d", len(text), size)
	}
	back := make([]byte, len(text))
	backSize, err := Uncompress(back, packed[:size])
	if err != nil || backSize != uint(len(text)) || !bytes.Equal(back, text) {
		t.Errorf("got %d bytes, %v", backSize, err)
	}
}

func TestCodesAreErrors(t *testing.T) {
	text := []byte("some text")
	if _, err := Compress2(make([]byte, 1), text, 9); !errors.Is(err, ZBufError) {
		t.Errorf("too little room: %v", err)
	}
	if _, err := Uncompress(make([]byte, 9), []byte("no such data")); !errors.Is(err, ZDataError) {
		t.Errorf("damaged data: %v", err)
	}
	if _, err := Compress2(make([]byte, 64), text, 77); !errors.Is(err, ZStreamError) {
		t.Errorf("a level that is none: %v", err)
	}
}

func TestVersionIsThatOfTheLibrary(t *testing.T) {
	if got := ZlibVersion(); !strings.HasPrefix(got, "1.") {
		t.Errorf("version %q", got)
	}
}
