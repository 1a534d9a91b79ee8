//go:build cgo

package cabi

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// library opens the library under test. Without one there is nothing to call, which is said and is no failure.
func library(t *testing.T) {
	t.Helper()
	path := os.Getenv("OARLOCK_LIBRARY")
	if path == "" {
		t.Skip("OARLOCK_LIBRARY names no liboarlock.so")
	}
	if err := Open(path); err != nil {
		t.Fatal(err)
	}
}

func TestOpenNamesTheMissingFile(t *testing.T) {
	err := Open("/no/such/liboarlock.so")
	if err == nil || !strings.Contains(err.Error(), "/no/such/liboarlock.so") {
		t.Errorf("got %v", err)
	}
}

func TestOpenNamesTheMissingFunction(t *testing.T) {
	err := Open("libc.so.6")
	if err == nil || !strings.Contains(err.Error(), "libc.so.6: has no oar_version") {
		t.Errorf("got %v", err)
	}
}

func TestStructsHaveTheLayoutOfC(t *testing.T) {
	if names := differingLayouts(); len(names) > 0 {
		t.Errorf("of another size: %v", names)
	}
}

func TestVersionIsThatOfTheDescription(t *testing.T) {
	library(t)
	if got := Text(VersionString()); got != LibraryVersion {
		t.Errorf("the library is %s, this was made for %s", got, LibraryVersion)
	}
}

func TestCodesHaveTheirNames(t *testing.T) {
	library(t)
	for code, want := range map[Code]string{CodeOk: "OK", CodeInvalidArgument: "INVALID_ARGUMENT", 99: "UNKNOWN"} {
		if got := Text(CodeName(code)); got != want {
			t.Errorf("code %d is %q, want %q", code, got, want)
		}
	}
}

func TestErrorsHaveACodeAndAText(t *testing.T) {
	library(t)
	var err *Error
	if code := TensorRelease(Tensor{}, &err); code != CodeInvalidArgument {
		t.Fatalf("code %d", code)
	}
	defer ErrorFree(err)
	if got := ErrorCode(err); got != CodeInvalidArgument {
		t.Errorf("the error's code is %d", got)
	}
	if text := Text(ErrorMessage(err)); !strings.Contains(text, "tensor") {
		t.Errorf("the text %q does not name the argument", text)
	}
}

func TestATensorIsMadeDescribedAndReleased(t *testing.T) {
	library(t)
	dims := [2]int64{2, 3}
	var tensor Tensor
	if code := TensorAllocate(DtypeF32, &dims[0], 2, &tensor, nil); code != CodeOk {
		t.Fatalf("code %d", code)
	}
	description := NewTensorDescription()
	if code := TensorDescribe(tensor, &description, nil); code != CodeOk {
		t.Fatalf("code %d", code)
	}
	if description.Rank != 2 || description.Dims[1] != 3 || description.SizeBytes != 24 {
		t.Errorf("got %+v", description)
	}
	if code := TensorRelease(tensor, nil); code != CodeOk {
		t.Errorf("code %d", code)
	}
	if code := TensorRelease(tensor, nil); code != CodeFailedPrecondition {
		t.Errorf("released twice: code %d", code)
	}
}

// config is a model of the fake engine and a file of keys, for a server within this process.
func config(t *testing.T, keys string) string {
	t.Helper()
	model := filepath.Join(t.TempDir(), "add.fake")
	if err := os.WriteFile(model, []byte("input x FP32 1,4\noutput y FP32 1,4\nop add 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("schema: 1\nmodels: [{path: %s}]\nkeys_file: %s\n", model, keys)
}

// status asks /v2 with a key.
func status(t *testing.T, address, key string) int {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, "http://"+address+"/v2", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("x-api-key", key)
	client := http.Client{Timeout: time.Minute}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

func TestAServerReadsItsKeysAnewWhenItIsTold(t *testing.T) {
	library(t)
	if FeaturesSet(Features())&FeaturesSetServer == 0 {
		t.Skip("the server's library does not lie beside liboarlock.so")
	}
	keys := filepath.Join(t.TempDir(), "keys.yaml")
	write := func(text string) {
		if err := os.WriteFile(keys, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("read: [the-first-key-0123]\n")
	var (
		runtime Runtime
		server  Server
		address *byte
		err     *Error
	)
	must := func(code Code) {
		t.Helper()
		if code != CodeOk {
			t.Fatalf("code %d: %s", code, Text(ErrorMessage(err)))
		}
	}
	runtimeOptions := NewRuntimeOptions()
	must(RuntimeCreate(&runtimeOptions, &runtime, &err))
	defer RuntimeDestroy(runtime, nil)
	options := NewServerOptions()
	options.ConfigText, options.Http = CString(config(t, keys)), CString("127.0.0.1:0")
	defer Free(options.ConfigText)
	defer Free(options.Http)
	must(ServerCreate(runtime, &options, &server, &err))
	defer ServerDestroy(server, nil)
	if code := ServerReload(server, nil); code != CodeFailedPrecondition {
		t.Errorf("before it is started: code %d", code)
	}
	must(ServerStart(server, &err))
	must(ServerAddress(server, &address, &err))
	write("read: [the-second-key-012]\n")
	if got := status(t, Text(address), "the-first-key-0123"); got != http.StatusOK {
		t.Errorf("the first key: %d", got)
	}
	must(ServerReload(server, &err))
	for key, want := range map[string]int{"the-first-key-0123": http.StatusForbidden, "the-second-key-012": http.StatusOK} {
		if got := status(t, Text(address), key); got != want {
			t.Errorf("%s: %d, want %d", key, got, want)
		}
	}
	write("read: [short]\n")
	if code := ServerReload(server, &err); code != CodeInvalidArgument {
		t.Fatalf("a file with a mistake: code %d", code)
	}
	defer ErrorFree(err)
	if text := Text(ErrorMessage(err)); !strings.Contains(text, keys) {
		t.Errorf("the text %q does not name the file", text)
	}
	if got := status(t, Text(address), "the-second-key-012"); got != http.StatusOK {
		t.Errorf("what counted before: %d", got)
	}
}
