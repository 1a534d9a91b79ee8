package recogniser

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/oarlock/oarlock/go/oarlock"
)

const waybill = "../../waybill"

// open loads a model with the library that OARLOCK_LIBRARY names.
func open(t *testing.T, model string) (*Recogniser, error) {
	t.Helper()
	library := os.Getenv("OARLOCK_LIBRARY")
	if library == "" {
		t.Skip("OARLOCK_LIBRARY is not set: it is the path of liboarlock.so")
	}
	return Open(Options{Model: model, Library: library, BatchMax: 4})
}

func openWaybill(t *testing.T) *Recogniser {
	t.Helper()
	r, err := open(t, waybill+"/models/waybill")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func picture(t *testing.T, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(waybill, "test", name))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestManyGoroutinesReadAtOnce(t *testing.T) {
	r := openWaybill(t)
	want := map[string]string{"00.png": "20966542870", "11.png": "25137790443", "19.png": "706628480978"}
	var group sync.WaitGroup
	for name, number := range want {
		file := picture(t, name)
		for range 4 {
			group.Add(1)
			go func() {
				defer group.Done()
				for range 5 {
					got, err := r.Read(context.Background(), file)
					if err != nil || got.Number != number || got.Confidence < 0.9 || got.Confidence > 1 {
						t.Errorf("%s: %+v, %v; want %s", name, got, err, number)
					}
				}
			}()
		}
	}
	group.Wait()
}

func TestReadLeavesNothingOpen(t *testing.T) {
	r := openWaybill(t)
	before := openTensors()
	for range 3 {
		if _, err := r.Read(context.Background(), picture(t, "00.png")); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Read(context.Background(), []byte("no picture")); err == nil {
			t.Fatal("no error")
		}
	}
	if after := openTensors(); after != before {
		t.Errorf("%d tensors are open, %d were before", after, before)
	}
}

func openTensors() (open int64) {
	for _, leak := range oarlock.Leaks() {
		if leak.Kind == "tensor" {
			open = leak.Open
		}
	}
	return open
}

func TestWhatIsNoPictureIsAnInvalidArgument(t *testing.T) {
	r := openWaybill(t)
	whole := picture(t, "00.png")
	for name, file := range map[string][]byte{
		"text": []byte("no picture"), "empty": {}, "half of one": whole[:len(whole)/2], "its signature": whole[:8],
	} {
		if got, err := r.Read(context.Background(), file); oarlock.CodeOf(err) != oarlock.InvalidArgument {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestACancelledReadingSaysSo(t *testing.T) {
	r := openWaybill(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := r.Read(ctx, picture(t, "00.png")); oarlock.CodeOf(err) != oarlock.Cancelled {
		t.Errorf("got %v", err)
	}
}

func TestAModelOfAnotherKindIsRefusedAtOnce(t *testing.T) {
	r, err := open(t, "../../../tests/models/onnx/add_dynamic.onnx")
	if err == nil {
		r.Close()
		t.Fatal("no error")
	}
	for _, word := range []string{"add_dynamic.onnx", "pictures"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
}
