package oargen

import (
	"fmt"
	"strings"
)

const entryIndent = "    "

// entry collects the statements of one entry.
type entry struct {
	f     *Function
	lines []string
}

// statements are the checks, the call of the body and the results, in this order: pointers and structs, enums, handles.
// Handles come last so that nothing is pinned for a call that is wrong anyway.
func (f *Function) statements() []string {
	e := &entry{f: f}
	for _, arg := range f.Args {
		e.needs(arg)
	}
	for _, arg := range f.Args {
		e.reads(arg)
	}
	for _, arg := range f.Args {
		e.enum(arg, arg.Name, arg.Name)
	}
	switch f.Body {
	case "destroy":
		o := f.Args[0].Object
		e.add("return Destroy<%s>(%s.value, %q);", o.ClassName(), f.Args[0].Name, f.Args[0].Name)
		return e.lines
	case "move":
		from, to := f.Args[0], f.Args[1]
		e.add("return Move<%s>(%s.value, %q, %s);", from.Object.ClassName(), from.Name, from.Name, to.Name)
		return e.lines
	}
	e.pins()
	for _, arg := range f.Args {
		e.local(arg)
	}
	e.results()
	return e.lines
}

func (e *entry) add(format string, args ...interface{}) {
	e.lines = append(e.lines, entryIndent+fmt.Sprintf(format, args...))
}

func (e *entry) try(indent, head string, args ...string) {
	e.lines = append(e.lines, tryLine(entryIndent+indent, head, args))
}

// tryLine is OAR_RETURN_IF_ERROR(head(args)). clang-format rather breaks behind the macro than within the call, if that is
// enough.
func tryLine(indent, head string, args []string) string {
	const macro = "OAR_RETURN_IF_ERROR("
	inner := head + "(" + strings.Join(args, ", ") + "));"
	if len(indent)+len(macro)+len(inner) > CodeWidth && len(indent)+4+len(inner) <= CodeWidth {
		return indent + macro + "\n" + indent + "    " + inner
	}
	return call(indent, macro+head, args, ");")
}

func quoted(name string) string { return fmt.Sprintf("%q", name) }

// needs asks for the addresses that must be there.
func (e *entry) needs(v *Value) {
	switch {
	case v.IsArray() && v.Nullable:
	case v.IsArray():
		e.try("", "NeedArray", v.Name, v.Len, quoted(v.Name))
	case v.Kind == KindStruct && v.Out() && v.Struct.Versioned && v.Nullable:
		e.add("if (%s != nullptr) OAR_RETURN_IF_ERROR(NeedStruct(%s, %q));", v.Name, v.Name, v.Name)
	case v.Kind == KindStruct && v.Out() && v.Struct.Versioned:
		e.try("", "NeedStruct", v.Name, quoted(v.Name))
	case v.Nullable || v.IsOpaque() && v.In():
	case v.Kind == KindCallback && v.In():
		e.try("", "NeedPointer", "reinterpret_cast<const void*>("+v.Name+")", quoted(v.Name))
	case v.IsAddress():
		e.try("", "NeedPointer", v.Name, quoted(v.Name))
	}
}

// reads copies a struct that may be older or younger than ours, and checks what is in it.
func (e *entry) reads(v *Value) {
	if v.Kind != KindStruct || !v.In() || v.IsArray() {
		return
	}
	access := v.Name + "->"
	switch {
	case v.Struct.Versioned:
		access = "read_" + v.Name + "."
		e.add("%s read_%s;", v.Type, v.Name)
		e.try("", "ReadStruct", v.Name, quoted(v.Name), "&read_"+v.Name)
	case v.Nullable:
		access = "read_" + v.Name + "."
		e.add("%s read_%s{};", v.Type, v.Name)
		e.add("if (%s != nullptr) read_%s = *%s;", v.Name, v.Name, v.Name)
	}
	for _, field := range v.Struct.Fields {
		e.field(v, field, access)
	}
}

// field asks for the addresses in a struct that must be there. A struct that is NULL has none to ask for.
func (e *entry) field(v, field *Value, access string) {
	at, said := access+field.Name, v.Name+"."+field.Name
	guard := ""
	if v.Nullable {
		guard = fmt.Sprintf("if (%s != nullptr) ", v.Name)
	}
	switch {
	case field.Nullable || field.Array != "":
	case field.IsArray() && field.Count != nil:
		e.guarded(guard, "NeedArray", at, access+field.Len, quoted(said))
	case field.IsString() || field.IsOne():
		e.guarded(guard, "NeedPointer", at, quoted(said))
	case field.Kind == KindCallback:
		e.guarded(guard, "NeedPointer", "reinterpret_cast<const void*>("+at+")", quoted(said))
	}
	e.enum(field, at, said)
}

// guarded is a check that a condition stands before.
func (e *entry) guarded(guard, head string, args ...string) {
	one := entryIndent + guard + "OAR_RETURN_IF_ERROR(" + head + "(" + strings.Join(args, ", ") + "));"
	if guard == "" || len(one) <= CodeWidth {
		e.try("", head, args...)
		e.lines[len(e.lines)-1] = entryIndent + guard + strings.TrimPrefix(e.lines[len(e.lines)-1], entryIndent)
		return
	}
	e.lines = append(e.lines, entryIndent+strings.TrimRight(guard, " "))
	e.try("  ", head, args...)
}

// enum refuses a number that is no value of its enum. Zero is legal in a struct: it is what a caller who does not know
// the field has there.
func (e *entry) enum(v *Value, at, said string) {
	if v.Kind != KindEnum || v.Enum.Open || !v.In() || v.Pointer != "" || v.Array != "" {
		return
	}
	legal := e.f.desc.legalName(v.Enum)
	args := []string{at, legal, quoted(said), quoted(v.Type)}
	switch {
	case v.Enum.Flags:
		refusal := fmt.Sprintf("return IsNoValue(static_cast<int64_t>(%s), %q, %q);", at, said, v.Type)
		line := fmt.Sprintf("if ((%s & ~%s) != 0) ", at, legal)
		if len(entryIndent+line+refusal) > CodeWidth {
			line = strings.TrimRight(line, " ") + "\n" + entryIndent + "  "
		}
		e.add("%s", line+refusal)
	case v.Field && !v.Enum.has(0):
		e.guarded(fmt.Sprintf("if (%s != 0) ", at), "CheckEnum", args...)
	default:
		e.try("", "CheckEnum", args...)
	}
}

func (en *Enum) has(value int64) bool {
	for _, v := range en.Values {
		if v.Value == value {
			return true
		}
	}
	return false
}

// pins looks the handles up.
func (e *entry) pins() {
	first := true
	for _, v := range e.f.Args {
		if v.Kind != KindObject || !v.In() {
			continue
		}
		class := v.Object.ClassName()
		if v.IsArray() {
			count, pin := v.Len, "Pin"
			if v.Nullable {
				count = fmt.Sprintf("%s != nullptr ? %s : 0", v.Name, v.Len)
			}
			if v.AllowZero {
				pin = "PinOptional"
			}
			e.add("PinnedList<%s> pinned_%s;", class, v.Name)
			e.try("", "pinned_"+v.Name+"."+pin, v.Name, count, quoted(v.Name))
			continue
		}
		pin := "Pin"
		switch {
		case v.Nullable:
			pin = "PinOptional"
		case first && e.f.ThreadSafety == "owner":
			pin = "PinOwned"
		}
		first = false
		e.add("Pinned<%s> pinned_%s;", class, v.Name)
		e.try("", "pinned_"+v.Name+"."+pin, v.Name+".value", quoted(v.Name))
	}
}

// local makes room for what comes out, so that the caller's memory is written only in the end.
func (e *entry) local(v *Value) {
	if !v.Out() || v.IsArray() {
		return
	}
	switch {
	case v.Kind == KindObject:
		// Reserved before the body runs: once it has done something, nothing can fail any more.
		e.add("NewHandle<%s> made_%s;", v.Object.ClassName(), v.Name)
		e.try("", "made_"+v.Name+".Reserve")
	case v.Kind == KindStruct:
		e.add("%s made_%s{};", v.Type, v.Name)
		if v.Struct.Versioned {
			e.add("made_%s.struct_size = sizeof(made_%s);", v.Name, v.Name)
		}
	case v.Kind == KindBool:
		e.add("bool made_%s = false;", v.Name)
	default:
		pointed := v.CType()
		e.add("%s made_%s{};", pointed[:len(pointed)-1], v.Name)
	}
}

// results calls the body and writes out what it made.
func (e *entry) results() {
	var args []string
	var handle *Value
	var others []*Value
	for _, v := range e.f.Args {
		if !v.IsCount() {
			args = append(args, v.bodyArg())
		}
		switch {
		case !v.Out() || v.IsArray():
		case v.Kind == KindObject:
			handle = v
		default:
			others = append(others, v)
		}
	}
	if handle == nil && len(others) == 0 {
		e.lines = append(e.lines, call(entryIndent, "return "+e.f.BodyName(), args, ";"))
		return
	}
	e.try("", e.f.BodyName(), args...)
	if handle != nil {
		e.add("made_%s.Publish(%s);", handle.Name, handle.Name)
	}
	for _, v := range others {
		e.write(v)
	}
	e.add("return absl::OkStatus();")
}

func (e *entry) write(v *Value) {
	guard := ""
	if v.Nullable {
		guard = fmt.Sprintf("if (%s != nullptr) ", v.Name)
	}
	switch {
	case v.Kind == KindStruct && v.Struct.Versioned:
		e.add("%sWriteStruct(made_%s, %s);", guard, v.Name, v.Name)
	case v.Kind == KindBool:
		e.add("%s*%s = made_%s ? 1 : 0;", guard, v.Name, v.Name)
	default:
		e.add("%s*%s = made_%s;", guard, v.Name, v.Name)
	}
}
