package oargen

import (
	"fmt"
	"strings"
)

// The Go side of a type. Structs have C's layout, which a test of the Go layer checks, so that a pointer to one is passed
// as it is.

var goScalars = map[string]string{
	"int8": "int8", "int16": "int16", "int32": "int32", "int64": "int64",
	"uint8": "byte", "uint16": "uint16", "uint32": "uint32", "uint64": "uint64",
	"size": "uintptr", "float": "float32", "double": "float64",
	"int": "int32", "uint": "uint32", "long": "int", "ulong": "uint",
}

// GoName is the name of a type, a function or a field without the prefix of the library.
func (d *Description) GoName(name string) string {
	return Camel(strings.TrimPrefix(name, d.Prefix))
}

// GoConstant is the name of a #define.
func (d *Description) GoConstant(name string) string {
	return Camel(strings.ToLower(strings.TrimPrefix(name, strings.ToUpper(d.Prefix))))
}

// GoValue is the name of an enum's value: CodeInvalidArgument.
func (d *Description) GoValue(e *Enum, v *EnumValue) string {
	return d.GoName(e.Name) + Camel(strings.ToLower(v.Name))
}

// goBase is the Go type of what v is made of.
func (d *Description) goBase(v *Value) string {
	switch v.Kind {
	case KindScalar:
		return goScalars[v.Type]
	case KindBool:
		return "int32"
	case KindChar:
		return "byte"
	}
	return d.GoName(v.base())
}

// GoType is the Go type of an argument or of a field.
func (d *Description) GoType(v *Value) string {
	switch {
	case v.Array != "":
		return fmt.Sprintf("[%s]%s", d.goLength(v.Array), d.goBase(v))
	case v.Kind == KindCallback:
		return "unsafe.Pointer"
	case v.isToken():
		return "uintptr"
	case v.Kind == KindVoid && v.Out() && v.IsOpaque(), v.Kind == KindForeign && v.Out():
		return "*unsafe.Pointer"
	case v.Kind == KindVoid, v.Kind == KindForeign:
		return "unsafe.Pointer"
	case v.IsString() && v.Out(), v.Kind == KindOpaque && v.Out():
		return "**" + d.goBase(v)
	case v.IsAddress():
		return "*" + d.goBase(v)
	}
	return d.goBase(v)
}

// isToken says that the address is only handed back: in Go it is a number, such as a cgo.Handle.
func (v *Value) isToken() bool { return v.IsOpaque() && v.In() && v.Nullable }

func (d *Description) goLength(length string) string {
	if s, ok := d.symbols[length]; ok {
		if _, ok := s.of.(*Constant); ok {
			return d.GoConstant(length)
		}
	}
	return length
}

// cgoType is the type that cgo gives to the C type of an argument.
func (v *Value) cgoType() string {
	if v.isToken() {
		return "C.uintptr_t"
	}
	ctype := v.CType()
	stars := strings.Count(ctype, "*")
	if v.Kind == KindVoid {
		return strings.Repeat("*", stars-1) + "unsafe.Pointer"
	}
	return strings.Repeat("*", stars) + v.cgoBase()
}

// cgoBase is the type of what v is made of, as cgo calls it.
func (v *Value) cgoBase() string {
	base := v.base()
	if short, ok := map[string]string{"unsigned int": "uint", "unsigned long": "ulong"}[base]; ok {
		base = short
	}
	return "C." + base
}

// goArgument passes a Go argument on to C.
func (v *Value) goArgument() string {
	name := goIdentifier(v.Name)
	ctype := v.cgoType()
	switch {
	case v.Kind == KindObject && !v.IsAddress():
		return fmt.Sprintf("%s{value: C.uint64_t(%s.Value)}", ctype, name)
	case ctype == "unsafe.Pointer" || ctype == "*unsafe.Pointer":
		return name
	case v.IsAddress() && strings.HasPrefix(ctype, "*") && (v.Kind != KindForeign || v.Out()):
		return fmt.Sprintf("(%s)(unsafe.Pointer(%s))", ctype, name)
	case v.IsAddress() && strings.HasPrefix(ctype, "*"):
		return fmt.Sprintf("(%s)(%s)", ctype, name)
	}
	return fmt.Sprintf("%s(%s)", ctype, name)
}

// goIdentifier keeps off the words of the language.
func goIdentifier(name string) string {
	local := Camel(name)
	local = strings.ToLower(local[:1]) + local[1:]
	switch local {
	case "break", "case", "chan", "const", "continue", "default", "defer", "else", "fallthrough", "for", "func", "go",
		"goto", "if", "import", "interface", "map", "package", "range", "return", "select", "struct", "switch", "type",
		"var", "err":
		return local + "_"
	}
	return local
}

// GoSignature is the head of the Go function.
func (f *Function) GoSignature() string {
	d := f.desc
	var params []string
	for _, v := range f.Args {
		params = append(params, goIdentifier(v.Name)+" "+d.GoType(v))
	}
	if f.Fallible {
		params = append(params, "err **"+d.GoName(d.Prefix+"error"))
	}
	result := ""
	if f.result != nil {
		result = " " + d.GoType(f.result)
	}
	return fmt.Sprintf("func %s(%s)%s", d.GoName(f.Name), strings.Join(params, ", "), result)
}

// GoBody is the statement of the Go function.
func (f *Function) GoBody() string {
	var args []string
	for _, v := range f.Args {
		args = append(args, v.goArgument())
	}
	if f.Fallible {
		args = append(args, fmt.Sprintf("(**C.%serror)(unsafe.Pointer(err))", f.desc.Prefix))
	}
	expression := fmt.Sprintf("C.call_%s(%s)", f.Name, strings.Join(args, ", "))
	switch {
	case f.result == nil:
		return expression
	case f.result.IsString():
		return fmt.Sprintf("return (*byte)(unsafe.Pointer(%s))", expression)
	}
	return fmt.Sprintf("return %s(%s)", f.desc.GoType(f.result), expression)
}

// GoDoc is the comment of the Go function: what it does, in the words of the header.
func (f *Function) GoDoc() string {
	lines := wrap(f.desc.GoName(f.Name)+" is "+f.Name+"(): "+f.Doc, CommentWidth-3)
	for i, line := range lines {
		lines[i] = strings.TrimRight("// "+line, " ")
	}
	return strings.Join(lines, "\n")
}

// NoCallback says that no callback is called on the thread of the call. Lookups never do.
func (f *Function) NoCallback() bool {
	return !f.Fallible || f.CallsBack != nil && !*f.CallsBack
}

// NoEscape says that Go may leave what the arguments point to on its stack: C keeps none of it, and no callback can grow
// the stack, which would move it away from under C.
func (f *Function) NoEscape() bool {
	addresses := f.Fallible
	for _, v := range f.Args {
		if v.Ownership == "retain" || v.Ownership == "take" || v.Kind == KindCallback {
			return false
		}
		addresses = addresses || v.IsAddress()
	}
	return addresses && f.NoCallback()
}

// Pointer is the function's type in the table.
func (f *Function) Pointer() string {
	params := f.Params()
	if len(params) == 0 {
		params = []string{"void"}
	}
	return call("  ", f.ResultType()+" (*"+f.Name+")", params, ";")
}

// Trampoline calls through the table; tokens come as numbers, which Go may keep where an address may not be.
func (f *Function) Trampoline() string {
	var params, args []string
	for _, v := range f.Args {
		if v.isToken() {
			params = append(params, "uintptr_t "+v.Name)
			args = append(args, "(void*)"+v.Name)
			continue
		}
		params = append(params, v.Param())
		args = append(args, v.Name)
	}
	if f.Fallible {
		params = append(params, f.desc.Prefix+"error** error")
		args = append(args, "error")
	}
	if len(params) == 0 {
		params = []string{"void"}
	}
	head := call("", "static inline "+f.ResultType()+" call_"+f.Name, params, " {")
	lead := "return "
	if f.result == nil {
		lead = ""
	}
	statement := call("  ", lead+f.desc.Library+"_table."+f.Name, args, ";")
	one := strings.TrimSuffix(head, " {")
	if !strings.Contains(head, "\n") {
		return block("", one, []string{statement})
	}
	return head + "\n" + statement + "\n}"
}
