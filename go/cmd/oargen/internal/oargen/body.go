package oargen

import (
	"fmt"
	"strings"
)

// The body of a function is C++: what comes in has been checked, what goes out is a local of the entry.

// HasBody says whether somebody has to write one.
func (f *Function) HasBody() bool { return f.Body == "" || f.Body == "hand" }

// BodyName is the function's name without the prefix, in C++ spelling.
func (f *Function) BodyName() string { return Camel(f.Short()) }

// BodyDeclaration is the prototype of the body.
func (f *Function) BodyDeclaration() string {
	if !f.Fallible {
		return call("", spaced(f.ResultType())+f.BodyName(), f.Params(), ";")
	}
	var params []string
	for _, arg := range f.Args {
		if !arg.IsCount() {
			params = append(params, arg.bodyParam())
		}
	}
	return call("", "absl::Status "+f.BodyName(), params, ";")
}

func (v *Value) bodyParam() string { return v.bodyType() + " " + v.Name }

func (v *Value) bodyType() string {
	switch {
	case v.Kind == KindObject && v.IsArray() && v.In():
		return "const PinnedList<" + v.Object.ClassName() + ">&"
	case v.IsArray():
		return v.spanType()
	case v.Kind == KindObject && v.Out():
		return "std::shared_ptr<" + v.Object.ClassName() + ">*"
	case v.Kind == KindObject:
		return "const Pinned<" + v.Object.ClassName() + ">&"
	case v.IsString() && v.In():
		return "std::string_view"
	case v.Kind == KindStruct && v.In():
		return "const " + v.Type + "&"
	case v.Kind == KindBool && v.In():
		return "bool"
	case v.Kind == KindBool:
		return "bool*"
	}
	return v.CType()
}

func (v *Value) spanType() string {
	element := v.base()
	switch {
	case v.Kind == KindChar && v.In():
		return "std::string_view"
	case v.Kind == KindVoid:
		element = "std::byte"
	}
	if v.In() {
		element = "const " + element
	}
	return "std::span<" + element + ">"
}

// bodyArg is what the entry hands to the body for this argument.
func (v *Value) bodyArg() string {
	switch {
	case v.Kind == KindObject && v.In():
		return "pinned_" + v.Name
	case v.IsArray() && v.Kind == KindVoid:
		return fmt.Sprintf("BytesOf(%s, %s)", v.Name, v.Len)
	case v.IsArray() && v.Kind == KindChar && v.In():
		return fmt.Sprintf("TextOf(%s, %s)", v.Name, v.Len)
	case v.IsArray():
		return fmt.Sprintf("SpanOf(%s, %s)", v.Name, v.Len)
	case v.Out() && v.Kind == KindObject:
		return "made_" + v.Name + ".object()"
	case v.Out():
		return "&made_" + v.Name
	case v.IsString():
		return "TextOf(" + v.Name + ")"
	case v.Kind == KindStruct && (v.Struct.Versioned || v.Nullable):
		return "read_" + v.Name
	case v.Kind == KindStruct:
		return "*" + v.Name
	case v.Kind == KindBool:
		return v.Name + " != 0"
	}
	return v.Name
}

// Definition is the head of the entry.
func (f *Function) Definition() string {
	// Laid out with the brace that follows, which takes two columns of the last line.
	return strings.TrimSuffix(call("", spaced(f.ResultType())+f.Name, f.Params(), " noexcept {"), " {")
}

// Block is what the entry does, in braces; in one line where clang-format would have it so.
func (f *Function) Block() string {
	head := f.Definition()
	last := head[strings.LastIndex(head, "\n")+1:]
	if !f.Fallible {
		statement := f.pureStatement()
		if one := "{ " + strings.TrimSpace(statement) + " }"; len(last)+1+len(one) <= CodeWidth && last == head {
			return one
		}
		return "{\n" + statement + "\n}"
	}
	open := fmt.Sprintf("  return %s(error, %q, [&]() -> absl::Status {", f.callName(), f.Name)
	statements := f.statements()
	if len(statements) == 1 {
		if one := open + " " + strings.TrimSpace(statements[0]) + " });"; len(one) <= CodeWidth {
			return "{\n" + one + "\n}"
		}
		wrapper := strings.SplitAfterN(open, ", ", 3)
		under := strings.Repeat(" ", strings.Index(open, "(")+1)
		return "{\n" + strings.TrimRight(wrapper[0]+wrapper[1], " ") + "\n" + under + wrapper[2] + " " +
			strings.TrimSpace(statements[0]) + " });\n}"
	}
	return "{\n" + open + "\n" + strings.Join(statements, "\n") + "\n  });\n}"
}

// callName is the wrapper that catches, frees and, unless the function may be called there, refuses a forked child.
func (f *Function) callName() string {
	if f.AfterFork {
		return "CallAfterFork"
	}
	return "Call"
}

// pureStatement is the whole of an entry that cannot fail.
func (f *Function) pureStatement() string {
	var names []string
	for _, arg := range f.Args {
		names = append(names, arg.Name)
	}
	lead := "return "
	if f.result == nil {
		lead = ""
	}
	return call("  ", lead+f.BodyName(), names, ";")
}

// TagEnum declares the tags.
func (d *Description) TagEnum() string {
	var words []string
	for _, o := range d.Objects {
		words = append(words, fmt.Sprintf("k%s = %d", Camel(o.Name), o.Tag))
	}
	return "enum class Tag : uint8_t { " + strings.Join(words, ", ") + " };"
}

// TagCount is one more than the largest tag.
func (d *Description) TagCount() int {
	count := 1
	for _, o := range d.Objects {
		if o.Tag >= count {
			count = o.Tag + 1
		}
	}
	return count
}

// MadeBy says which functions make an object, for the message to whoever has none.
func (o *Object) MadeBy() string { return strings.Join(o.Create, "() or ") + "() makes one" }

// LegalName is the constant that holds the enum's values.
func (e *Enum) LegalName(prefix string) string {
	name := Camel(strings.TrimPrefix(e.Name, prefix))
	if e.Flags {
		return "k" + name + "Bits"
	}
	return "k" + name + "Values"
}

// legalName for templates and entries alike.
func (d *Description) legalName(e *Enum) string { return e.LegalName(d.Prefix) }

// LegalLine defines the constant of LegalName.
func (d *Description) LegalLine(e *Enum) string {
	if e.Flags {
		var all uint64
		for _, v := range e.Values {
			all |= uint64(v.Value)
		}
		return fmt.Sprintf("inline constexpr uint64_t %s = 0x%x;", d.legalName(e), all)
	}
	var words []string
	for _, v := range e.Values {
		words = append(words, fmt.Sprint(v.Value))
	}
	return list("", "inline constexpr int64_t "+d.legalName(e)+"[] = ", words, ";")
}
