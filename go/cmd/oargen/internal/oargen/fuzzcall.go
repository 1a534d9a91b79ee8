package oargen

import (
	"fmt"
	"sort"
	"strings"
)

// The fuzz target's call of a function: each argument comes from the input, of the size that is claimed.

// Elements of an array at most, and bytes of a block.
const (
	fuzzElementsMax = 9
	fuzzBytesMax    = 4096
)

// FuzzedFunctions are those that may be called with anything.
func (d *Description) FuzzedFunctions() []*Function { return fuzzed(d.Functions) }

// FuzzedFunctions are those of the section.
func (s *Section) FuzzedFunctions() []*Function { return fuzzed(s.Functions) }

// FuzzedSections are those that have any, in the order of their names, as includes are.
func (d *Description) FuzzedSections() []*Section {
	var sections []*Section
	for _, s := range d.Sections() {
		if len(s.FuzzedFunctions()) > 0 {
			sections = append(sections, s)
		}
	}
	sort.Slice(sections, func(i, j int) bool { return sections[i].Name < sections[j].Name })
	return sections
}

func fuzzed(functions []*Function) []*Function {
	var kept []*Function
	for _, f := range functions {
		if f.Fuzz == nil || *f.Fuzz {
			kept = append(kept, f)
		}
	}
	return kept
}

// FilledStructs are those that a fuzzed function reads, each after the structs that it points to.
func (d *Description) FilledStructs() []*Struct {
	var filled []*Struct
	seen := map[*Struct]bool{}
	var visit func(values []*Value)
	visit = func(values []*Value) {
		for _, v := range values {
			if v.Struct == nil || v.Out() || seen[v.Struct] {
				continue
			}
			seen[v.Struct] = true
			visit(v.Struct.Fields)
			filled = append(filled, v.Struct)
		}
	}
	for _, f := range d.FuzzedFunctions() {
		visit(f.Args)
	}
	return filled
}

// FuzzCallback is the callback that a fuzzed call may be given.
func (c *Callback) FuzzCallback() string {
	text := c.Ignore()
	for _, arg := range c.Args {
		if arg.Ownership == "give" && arg.Kind == KindObject {
			end := fmt.Sprintf("  for (size_t i = 0; i < %s; ++i) (void)%s(%s[i], nullptr);", arg.Len, arg.Object.Destroy,
				arg.Name)
			text = strings.Replace(text, fmt.Sprintf("  End(%s, %s);", arg.Name, arg.Len), end, 1)
		}
	}
	return text
}

// FuzzFill is the function that fills a struct.
func (s *Struct) FuzzFill() string {
	var lines []string
	add := func(format string, args ...interface{}) { lines = append(lines, "  "+fmt.Sprintf(format, args...)) }
	pool := "[[maybe_unused]] Pool& pool"
	add("*out = {};")
	if s.Versioned {
		add("out->struct_size = input.StructSize(sizeof(*out));")
	}
	for _, v := range s.Fields {
		if v.IsCount() {
			add("out->%s = input.Count<%s>(%d);", v.Name, v.base(), v.fuzzCountMax())
		}
	}
	for _, v := range s.Fields {
		if !v.IsCount() {
			lines = append(lines, v.fuzzField()...)
		}
	}
	head := call("", "inline void Fill", []string{"[[maybe_unused]] Input& input", pool, s.Name + "* out"}, "")
	return head + " {\n" + strings.Join(lines, "\n") + "\n}"
}

func (v *Value) fuzzField() []string {
	at := "out->" + v.Name
	count := fmt.Sprint(64) // counted by an argument beside the struct, which is never so large
	if v.Count != nil {
		count = "out->" + v.Len
	}
	line := func(format string, args ...interface{}) []string {
		return []string{"  " + fmt.Sprintf(format, args...)}
	}
	switch {
	case v.Array != "" && (v.Kind == KindScalar || v.Kind == KindBool || v.Kind == KindEnum):
		return line("for (auto& each : %s) each = input.Number<%s>();", at, v.base())
	case v.Array != "" || v.IsOpaque():
		return nil
	case v.IsOne() && v.Kind == KindStruct:
		return []string{
			fmt.Sprintf("  if (auto* const %s = input.Array<%s>(1); %s != nullptr && input.Byte() %% 2 == 0) {", v.Name, v.Type, v.Name),
			fmt.Sprintf("    Fill(input, pool, %s);", v.Name),
			fmt.Sprintf("    %s = %s;", at, v.Name),
			"  }",
		}
	case v.IsOne():
		return nil
	case v.Kind == KindCallback:
		return line("%s = input.Maybe(&%s);", at, v.Callback.IgnoreName())
	case v.IsString():
		return line("%s = input.Maybe(input.Text(\"\"));", at)
	case v.IsArray():
		return line("%s = %s;", at, v.fuzzArray(count))
	case v.Kind == KindObject:
		return line("%s = pool.Pick<%s>(input);", at, v.base())
	}
	return line("%s = input.Number<%s>();", at, v.base())
}

// fuzzArray makes count elements, without filling structs.
func (v *Value) fuzzArray(count string) string {
	switch v.Kind {
	case KindVoid:
		return "input.Bytes(" + count + ")"
	case KindChar:
		return "reinterpret_cast<char*>(input.Bytes(" + count + "))"
	case KindObject:
		return fmt.Sprintf("pool.List<%s>(input, %s)", v.base(), count)
	case KindStruct:
		return fmt.Sprintf("input.Array<%s>(%s)", v.base(), count)
	}
	return fmt.Sprintf("input.Numbers<%s>(%s)", v.base(), count)
}

func (v *Value) fuzzCountMax() int {
	for _, array := range v.Counts {
		if array.Kind == KindVoid || array.Kind == KindChar {
			return fuzzBytesMax
		}
	}
	return fuzzElementsMax
}

// FuzzCall is the function that makes one call.
func (f *Function) FuzzCall() string {
	var lines, names []string
	for _, v := range f.Args {
		if v.IsCount() {
			lines = append(lines, fmt.Sprintf("  const auto %s = input.Count<%s>(%d);", v.Name, v.base(), v.fuzzCountMax()))
		}
	}
	for _, v := range f.Args {
		declared, name := v.fuzzArgument()
		lines = append(lines, declared...)
		names = append(names, name)
	}
	params := []string{"[[maybe_unused]] Input& input", "[[maybe_unused]] Pool& pool"}
	head := call("", "inline void Call"+Camel(f.Name), params, "")
	if !f.Fallible {
		expression := f.Name + "(" + strings.Join(names, ", ") + ");"
		switch {
		case f.Returns == f.desc.Prefix+"code" || f.result == nil || f.result.Kind != KindChar:
			lines = append(lines, "  (void)"+expression)
		default:
			lines = append(lines, "  Require("+strings.TrimSuffix(expression, ";")+" != nullptr, \""+f.Name+" gave NULL\");")
		}
		return block("", head, lines)
	}
	lines = append(lines, "  oar_error* error = nullptr;")
	lines = append(lines, assign("  ", "const oar_code code =", f.Name, append(names, "&error")))
	lines = append(lines, "  Done(code, error);")
	lines = append(lines, f.fuzzResults()...)
	return head + " {\n" + strings.Join(lines, "\n") + "\n}"
}

func (f *Function) fuzzResults() []string {
	var lines []string
	if f.Body == "destroy" || f.Body == "move" {
		lines = append(lines, "  if (code == OAR_OK) pool.Ended("+f.Args[0].Name+");")
	}
	for _, v := range f.outHandles() {
		lines = append(lines, "  if (code == OAR_OK) pool.Add("+v.Name+");")
	}
	return lines
}

// fuzzArgument declares what the argument needs, and names it as it is passed.
func (v *Value) fuzzArgument() ([]string, string) {
	orNull := "input.OrNull("
	if v.Nullable {
		orNull = "input.Maybe("
	}
	line := func(format string, args ...interface{}) []string {
		return []string{"  " + fmt.Sprintf(format, args...)}
	}
	switch {
	case v.IsCount():
		return nil, v.Name
	case v.IsArray():
		lines := line("auto* const %s = %s;", v.Name, v.fuzzArray(v.Len))
		if v.Kind == KindStruct {
			lines = append(lines, line("for (size_t i = 0; %s != nullptr && i < %s; ++i) Fill(input, pool, &%s[i]);", v.Name,
				v.Len, v.Name)...)
		}
		return lines, v.Name
	case v.Kind == KindStruct && v.In():
		return append(line("%s %s;", v.Type, v.Name), line("Fill(input, pool, &%s);", v.Name)...), orNull + "&" + v.Name + ")"
	case v.Kind == KindStruct && v.Struct.Versioned:
		lines := line("%s %s{};", v.Type, v.Name)
		return append(lines, line("%s.struct_size = input.StructSize(sizeof(%s));", v.Name, v.Name)...),
			orNull + "&" + v.Name + ")"
	case v.Out():
		return line("%s %s{};", strings.TrimSuffix(v.CType(), "*"), v.Name), orNull + "&" + v.Name + ")"
	case v.Kind == KindCallback:
		return nil, orNull + "&" + v.Callback.IgnoreName() + ")"
	case v.IsString():
		example := v.Example
		if example == "" {
			example = `"x"`
		}
		return line("const char* const %s = input.Text(%s);", v.Name, example), v.Name
	case v.IsOpaque(), v.Kind == KindOpaque, v.Kind == KindForeign:
		return nil, "nullptr"
	case v.Kind == KindObject:
		return line("const auto %s = pool.Pick<%s>(input);", v.Name, v.base()), v.Name
	}
	return line("const auto %s = input.Number<%s>();", v.Name, v.base()), v.Name
}
