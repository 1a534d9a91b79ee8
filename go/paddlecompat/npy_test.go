package paddlecompat_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// array is a file of NumPy's, of float32s or int64s.
type array struct {
	shape []int32
	data  any // []float32 or []int64
}

var npyHeader = regexp.MustCompile(`'descr': '<(f4|i8)', 'fortran_order': False, 'shape': \(([0-9, ]*)\)`)

func readArray(t testing.TB, path string) array {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const headerAt = 10 // after the magic, the version and the header's length
	if len(content) < headerAt {
		t.Fatalf("%s has %d bytes", path, len(content))
	}
	dataAt := headerAt + int(binary.LittleEndian.Uint16(content[headerAt-2:]))
	match := npyHeader.FindSubmatch(content[headerAt:dataAt])
	if match == nil {
		t.Fatalf("%s: the header %q is not understood", path, content[headerAt:dataAt])
	}
	a := array{}
	count := 1
	for _, field := range strings.Split(string(match[2]), ",") {
		if field = strings.TrimSpace(field); field == "" {
			continue
		}
		dim, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		a.shape = append(a.shape, int32(dim))
		count *= dim
	}
	if string(match[1]) == "f4" {
		a.data = make([]float32, count)
	} else {
		a.data = make([]int64, count)
	}
	if err := binary.Read(bytes.NewReader(content[dataAt:]), binary.LittleEndian, a.data); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return a
}
