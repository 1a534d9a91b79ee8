package oargen

import (
	"fmt"
	"strconv"
	"strings"
)

// What the contract tests call wrongly.

// Test is the contract test of the function.
func (f *Function) Test() string {
	head := "TEST(Contract, " + Camel(f.Name) + ")"
	if !f.Fallible {
		return block("", head, f.pureCalls())
	}
	statements := []string{"  using A [[maybe_unused]] = " + f.ArgumentsName() + ";"}
	for _, refusal := range f.refusals() {
		statements = append(statements, refusal.line())
	}
	return head + " {\n" + strings.Join(statements, "\n") + "\n}"
}

// pureCalls call a function that cannot fail with numbers that are no values and with NULL.
func (f *Function) pureCalls() []string {
	rounds := [][]string{nil, nil}
	for _, v := range f.Args {
		low, high := v.extremes()
		rounds[0] = append(rounds[0], low)
		rounds[1] = append(rounds[1], high)
	}
	if strings.Join(rounds[0], ",") == strings.Join(rounds[1], ",") {
		rounds = rounds[:1]
	}
	var lines []string
	for _, args := range rounds {
		expression := f.Name + "(" + strings.Join(args, ", ") + ")"
		switch {
		case f.result == nil:
			lines = append(lines, "  "+expression+";")
		case f.result.IsString():
			lines = append(lines, "  EXPECT_NE("+expression+", nullptr);")
		default:
			name := fmt.Sprintf("first_%d", len(lines))
			lines = append(lines, fmt.Sprintf("  const auto %s = %s;\n  EXPECT_LE(%s, %s);", name, expression, name, expression))
		}
	}
	return lines
}

func (v *Value) extremes() (string, string) {
	if v.IsAddress() {
		return "nullptr", "nullptr"
	}
	limits := "std::numeric_limits<" + v.base() + ">::"
	return limits + "min()", limits + "max()"
}

// refusal is one wrong call: the code, a word that the text must have, and the change that makes it wrong.
type refusal struct {
	code, word, change string
}

// line is the statement of the test.
func (r refusal) line() string {
	return call("  ", "Refused<A>", []string{r.code, strconv.Quote(r.word), "[](A& a) { " + r.change + " }"}, ";")
}

// refusals lists what the entry must refuse.
func (f *Function) refusals() []refusal {
	code := f.ErrorPrefix()
	var all []refusal
	add := func(kind, word, format string, args ...interface{}) {
		all = append(all, refusal{code + kind, word, fmt.Sprintf(format, args...)})
	}
	for _, v := range f.Args {
		if v.IsAddress() && !v.Nullable && !(v.IsOpaque() && v.In()) || v.Kind == KindCallback && !v.Nullable {
			add("INVALID_ARGUMENT", v.Name, "a.%s = nullptr;", v.Name)
		}
		if v.IsArray() && !v.Nullable && v.Count.IsSigned() {
			add("INVALID_ARGUMENT", v.Name, "a.%s = -1;", v.Len)
		}
		if v.Kind == KindStruct && v.Struct.Versioned && v.IsAddress() {
			add("INVALID_ARGUMENT", v.Name, "a.%s_room.struct_size = 0;", v.Name)
		}
		if v.Kind == KindStruct && v.In() && v.IsOne() {
			f.fieldRefusals(v, add)
		}
		if wrong := v.wrongValue(); wrong != "" {
			add("INVALID_ARGUMENT", v.Name, "a.%s = %s;", v.Name, wrong)
		}
	}
	for _, v := range f.Args {
		f.handleRefusals(v, add)
	}
	return all
}

type addRefusal func(kind, word, format string, args ...interface{})

func (f *Function) fieldRefusals(v *Value, add addRefusal) {
	for _, field := range v.Struct.Fields {
		if wrong := field.wrongValue(); wrong != "" {
			add("INVALID_ARGUMENT", v.Name+"."+field.Name, "a.%s_room.%s = %s;", v.Name, field.Name, wrong)
		}
	}
}

// wrongValue is a number that is none of a checked enum.
func (v *Value) wrongValue() string {
	switch {
	case v.Kind != KindEnum || v.Enum.Open || !v.In() || v.Pointer != "" || v.Array != "":
		return ""
	case v.Enum.Flags:
		return "UINT64_C(1) << 63"
	}
	return "12345"
}

func (f *Function) handleRefusals(v *Value, add addRefusal) {
	if v.Kind != KindObject || !v.In() {
		return
	}
	at := "a." + v.Name
	if v.IsArray() {
		at = "a." + v.Name + "_room[0]"
	}
	if !v.Nullable && !v.AllowZero || v.IsArray() && !v.AllowZero {
		add("INVALID_ARGUMENT", v.Name, "%s.value = 0;", at)
	}
	add("INVALID_ARGUMENT", v.Name, "%s.value = Valid().%s.value;", at, f.desc.another(v.Object).Name)
	add("FAILED_PRECONDITION", v.Name, "%s = Stale().%s;", at, v.Object.Name)
}

// another is an object of another type.
func (d *Description) another(o *Object) *Object {
	for _, other := range d.Objects {
		if other != o {
			return other
		}
	}
	return o
}

// ForkLine calls the function in a forked child.
func (f *Function) ForkLine() string {
	expected := "kRefusedAfterFork"
	if f.AfterFork {
		expected = "kLegalAfterFork"
	}
	return assign("    ", "all +=", "CalledAfterFork<"+f.ArgumentsName()+">", []string{strconv.Quote(f.Name), expected})
}
