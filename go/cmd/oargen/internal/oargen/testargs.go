package oargen

import (
	"fmt"
	"strings"
)

// The arguments of a call, as a C++ struct that the contract tests and the race tests share: a right value for each, and
// the room for what comes out. A test changes one of them.

// byteRoom is the size of the memory behind a void* of a test.
const byteRoom = 64

// ArgumentsName is the name of that struct.
func (f *Function) ArgumentsName() string { return Camel(f.Name) + "Arguments" }

// Members declares the struct's members.
func (f *Function) Members() []string {
	var lines []string
	for _, v := range f.Args {
		lines = append(lines, v.members()...)
	}
	return lines
}

func (v *Value) members() []string {
	room := v.Name + "_room"
	member := func(format string, args ...interface{}) string { return fmt.Sprintf(format, args...) }
	switch {
	case v.IsArray():
		element, count, value := v.base(), v.exampleCount(), v.exampleElements()
		if v.Kind == KindVoid {
			element = "unsigned char"
		}
		return []string{
			member("%s %s[%d] = %s;", element, room, count, value),
			member("%s %s = %s;", v.CType(), v.Name, room),
		}
	case v.IsCount():
		return []string{member("%s %s = %d;", v.CType(), v.Name, v.Counts[0].exampleCount())}
	case v.Kind == KindStruct && v.Struct.Versioned:
		kind := "Sized"
		if v.Out() {
			kind = "SizedRoom"
		}
		return []string{
			member("%s %s = %s<%s>();", v.Type, room, kind, v.Type),
			member("%s %s = &%s;", v.CType(), v.Name, room),
		}
	case v.Out() || v.Kind == KindStruct:
		pointed := strings.TrimPrefix(v.CType(), "const ")
		if v.IsString() {
			pointed = v.CType()
		}
		pointed = strings.TrimSuffix(pointed, "*")
		return []string{
			member("%s %s = Room<%s>();", pointed, room, pointed),
			member("%s %s = &%s;", v.CType(), v.Name, room),
		}
	}
	return []string{member("%s %s = %s;", v.CType(), v.Name, v.exampleValue())}
}

// exampleValue is a right value of an argument that is passed by itself.
func (v *Value) exampleValue() string {
	switch {
	case v.Kind == KindObject:
		return "Valid()." + v.Object.Name
	case v.Kind == KindCallback:
		return v.Callback.IgnoreName()
	case v.IsOpaque():
		return "nullptr"
	case v.Kind == KindForeign || v.Kind == KindOpaque:
		if v.Nullable {
			return "nullptr"
		}
		return "Nowhere<" + v.Type + ">()"
	case v.Example != "":
		return v.Example
	case v.IsString():
		return `"x"`
	case v.Kind == KindEnum && !v.Enum.Flags:
		return v.Enum.Prefix + v.Enum.Values[0].Name
	}
	return "0"
}

func (v *Value) exampleElements() string {
	switch {
	case v.Example != "":
		return v.Example
	case v.Kind == KindObject:
		return "{Valid()." + v.Object.Name + "}"
	case v.Kind == KindStruct:
		return "{}"
	case !v.In():
		return "{0xab, 0xab}"
	}
	return "{}"
}

func (v *Value) exampleCount() int {
	switch {
	case v.Example != "":
		return strings.Count(v.Example, ",") + 1
	case v.Kind == KindVoid || v.Kind == KindChar:
		return byteRoom
	}
	return 1
}

// IgnoreName is a function for tests that does nothing but release what becomes its own.
func (c *Callback) IgnoreName() string { return "Ignore" + Camel(c.Name) }

// Ignore defines that function.
func (c *Callback) Ignore() string {
	var params, statements []string
	for _, arg := range c.Args {
		if c.uses(arg) {
			params = append(params, arg.Param())
		} else {
			params = append(params, arg.CType())
		}
		if arg.Ownership == "give" && arg.Kind == KindObject {
			statements = append(statements, fmt.Sprintf("  End(%s, %s);", arg.Name, arg.Len))
		}
	}
	head := call("", "inline void "+c.IgnoreName(), params, "")
	last := head[strings.LastIndex(head, "\n")+1:]
	if len(last)+len(" {") > CodeWidth || last == head {
		return block("", head, statements)
	}
	return head + " {\n" + strings.Join(statements, "\n") + "\n}"
}

func (c *Callback) uses(v *Value) bool {
	for _, arg := range c.Args {
		if arg.Ownership == "give" && arg.Kind == KindObject && (arg == v || arg.Count == v) {
			return true
		}
	}
	return false
}

// CallMember calls the function with the members.
func (f *Function) CallMember() string {
	var names []string
	for _, arg := range f.Args {
		names = append(names, arg.Name)
	}
	statement := call("    ", "return "+f.Name, append(names, "error"), ";")
	return block("  ", "oar_code Call(oar_error** error)", []string{statement})
}

// ReleaseMember ends what a successful call made.
func (f *Function) ReleaseMember() string {
	var statements []string
	for _, arg := range f.outHandles() {
		statements = append(statements, "    End("+arg.Name+"_room);")
	}
	return block("  ", "void Release()", statements)
}

// outHandles are the handles that a call may make.
func (f *Function) outHandles() []*Value {
	var out []*Value
	for _, arg := range f.Args {
		if arg.Kind == KindObject && arg.Out() && !arg.IsArray() {
			out = append(out, arg)
		}
	}
	return out
}

// Raced is the handle whose destruction a race test sets against the call; nil for functions that are not raced.
func (f *Function) Raced() *Value {
	if !f.Fallible || f.Fuzz != nil && !*f.Fuzz {
		return nil
	}
	for _, arg := range f.Args {
		if arg.IsHandle() {
			return arg
		}
	}
	return nil
}
