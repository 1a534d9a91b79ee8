package oargen

import (
	"os"
	"strings"
	"testing"
)

// Each row spoils the small description in one place. The message has to begin with the file and the line of that place.
var refusals = []struct {
	name, old, new, want string
}{
	{"constant without doc", ", doc: Dims at most.}", "}", "constant OAR_MAX_RANK: has no doc"},
	{"enum without doc", "    doc: Element types.\n", "", "enum oar_dtype: has no doc"},
	{"value without doc", ", doc: Four bytes.}", "}", "enum oar_dtype: value F32: has no doc"},
	{"struct without doc", "    doc: Options.\n", "", "struct oar_options: has no doc"},
	{"field without doc", ", doc: A path.}", "}", "struct oar_options: field path: has no doc"},
	{"callback without doc", "    doc: A line.\n", "", "callback oar_log_fn: has no doc"},
	{"object without doc", "tag: 2, doc: A tensor.,", "tag: 2,", "object tensor: has no doc"},
	{"function without doc", "    doc: Makes a tensor.\n", "", "function oar_tensor_create: has no doc"},
	{"argument without doc", ", doc: How large.}\n      - {name: rank", "}\n      - {name: rank",
		"function oar_tensor_create: argument dims: has no doc"},
	{"doc that is empty", "doc: Makes a runner.", `doc: " "`, "function oar_runner_create: has an empty doc"},
	{"doc that ends a comment", "doc: Makes a runner.", `doc: "a */ b"`, "has the mark of a C comment"},
	{"void that is no pointer", "type: void, pointer: array, len: size_bytes, dir: inout, ownership: retain, until: release,",
		"type: void,", "argument data: is void without `pointer: array` or `pointer: opaque`"},
	{"char that is no pointer", "type: char, pointer: string, ownership: borrow, example", "type: char, example",
		"argument name: is char without `pointer: string` or `pointer: array`"},
	{"struct that is no pointer", "type: oar_options, pointer: one, nullable: true, ownership: borrow,", "type: oar_options,",
		"argument options: is the struct oar_options without `pointer: one` or `pointer: array`"},
	{"field that is no pointer", "{name: path, type: char, pointer: string,", "{name: path, type: char,",
		"field path: is char without"},
	{"pointer without ownership", "pointer: array, len: rank, ownership: borrow,", "pointer: array, len: rank,",
		"argument dims: is a pointer without `ownership`"},
	{"retained for ever", "ownership: retain, until: release,", "ownership: retain,", "argument data: is retained without `until`"},
	{"taken while it goes out", "dir: out, ownership: give,", "dir: out, ownership: take,", "is taken from the caller, so it comes in"},
	{"duplicate function", "name: oar_runner_run", "name: oar_runner_create",
		"function oar_runner_create: is a duplicate: line 174 has a function of that name"},
	{"duplicate argument", "{name: fast, type: bool,", "{name: runner, type: bool,", "argument runner: is a duplicate"},
	{"unknown type", "type: oar_dtype, example", "type: oar_kind, example", `argument dtype: unknown type "oar_kind"`},
	{"handle in place of object", "{name: tensor, type: tensor, nullable", "{name: tensor, type: oar_tensor, nullable",
		"an object is named without its prefix: tensor"},
	{"len of nothing", "len: rank, ownership", "len: ranks, ownership", `argument dims: len names "ranks"`},
	{"len of a field of nothing", "len: rank, nullable", "len: ranks, nullable", `field strides: len names "ranks"`},
	{"array without len", "pointer: array, len: rank, ownership: borrow,", "pointer: array, ownership: borrow,",
		"argument dims: is an array without `len`"},
	{"name without prefix", "name: oar_version", "name: version", "function version: does not begin with oar_"},
	{"name that is not the object's", "name: oar_tensor_describe", "name: oar_describe",
		"function oar_describe: is not named oar_tensor_<verb>"},
	{"no thread rule", "    thread_safety: owner\n", "", "function oar_runner_run: has no thread_safety"},
	{"another thread rule", "thread_safety: owner", "thread_safety: mine", `function oar_runner_run: thread_safety: value must be one of`},
	{"no since", `    since: "0.2"` + "\n", "", "function oar_tensor_describe: has no since"},
	{"two handles out", "{name: tensor, type: tensor, nullable: true, doc: A tensor.}", "{name: tensor, type: tensor, dir: out, doc: A tensor.}",
		"argument runner: is a second handle out, beside tensor"},
	{"out that is no pointer", "dir: out, ownership: give, doc: The other's.}", "ownership: give, doc: The other's.}",
		"is given to the caller, so it needs `dir: out`"},
	{"inout handle", "{name: runner, type: runner, dir: out,", "{name: runner, type: runner, dir: inout,",
		"argument runner: is inout, which is for arrays and for numbers"},
	{"unknown code", "{code: OUT_OF_RANGE, when", "{code: TOO_FAR, when", `error "TOO_FAR" is no code of oar_code`},
	{"errors of a lookup", "    pure: true\n", "    pure: true\n    errors: [{code: OUT_OF_RANGE, when: never}]\n",
		"function oar_error_code: lists errors, but returns oar_code"},
	{"two values of one number", "{name: F64, value: 13,", "{name: F64, value: 12,", "value F64: has the value 12, as F32 has"},
	{"flag of two bits", "{name: SHARED, value: 2,", "{name: SHARED, value: 3,", "value SHARED: 3 is not one bit"},
	{"two objects of one tag", "tag: 4,", "tag: 2,", "object runner: has the tag 2, as tensor has"},
	{"create that is no function", "create: [oar_runner_create]", "create: [oar_runner_new]", `names the function "oar_runner_new"`},
	{"unknown key", "blocking: true", "blokcing: true", "function oar_runner_run: unknown key 'blokcing'"},
	{"destroy of two", "    body: destroy\n    doc: Ends it.\n    args:\n      - {name: runner,", "    body: destroy\n    doc: Ends it.\n    args:\n      - {name: fast, type: bool, doc: Hurry.}\n      - {name: runner,",
		"has `body: destroy`, so it takes one handle"},
	{"array of what may grow", "type: tensor, pointer: array, len: input_count,", "type: oar_description, pointer: array, len: input_count,",
		"argument inputs: is an array of oar_description, which may grow"},
	{"argument called error", "{name: fast, type: bool", "{name: error, type: bool", "names an argument error"},
	{"unknown header", "header: types, doc: Dims", "header: kinds, doc: Dims", `constant OAR_MAX_RANK: header "kinds" is none of types, main`},
}

func TestRefusals(t *testing.T) {
	text, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range refusals {
		t.Run(row.name, func(t *testing.T) {
			if !strings.Contains(string(text), row.old) {
				t.Fatalf("%q is not in the description", row.old)
			}
			_, err := Parse("small.yaml", []byte(strings.Replace(string(text), row.old, row.new, 1)))
			if err == nil {
				t.Fatal("was not refused")
			}
			if !strings.Contains(err.Error(), row.want) {
				t.Errorf("got\n%v\nwant\n%s", err, row.want)
			}
			if !strings.HasPrefix(err.Error(), "small.yaml:") {
				t.Errorf("%v: names no line", err)
			}
		})
	}
}

func TestRefusalNamesTheLine(t *testing.T) {
	text, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const place = "{name: F64, value: 13,"
	line := 1 + strings.Count(string(text[:strings.Index(string(text), place)]), "\n")
	_, err = Parse("small.yaml", []byte(strings.Replace(string(text), place, "{name: F64, value: 12,", 1)))
	want := Problem{line, "enum oar_dtype: value F64", "has the value 12, as F32 has"}
	problems, ok := err.(*Problems)
	if !ok || len(problems.List) != 1 || problems.List[0] != want {
		t.Errorf("got %v, want %v", err, want)
	}
}

func TestTextThatIsNoDescription(t *testing.T) {
	for text, want := range map[string]string{
		"":            "x.yaml:1: is empty",
		"schema: 1":   "x.yaml:1: has no library, prefix, version, headers, functions",
		"schema: [":   "x.yaml: yaml: line 1",
		"- a\n- b\n":  "x.yaml:1: expected object, but got array",
		"schema: 2\n": `x.yaml:1: schema: value must be "1"`,
	} {
		if _, err := Parse("x.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}
