package oargen

import "strings"

func (c checker) function(f *Function) {
	symbol := "function " + f.Name
	c.text(symbol, f.Line, f.Doc)
	c.prefix("function", f.Name, f.Line, c.d.Prefix)
	c.belongs(f)
	c.values(symbol+": argument ", f.Args)
	c.outHandles(f)
	codes := c.codes()
	for _, e := range f.Errors {
		if !f.Fallible && f.Ok == nil {
			c.problems.add(e.Line, symbol, "lists errors, but returns %s", f.Returns)
		}
		if f.Fallible && !codes[e.Code] {
			c.problems.add(e.Line, symbol, "error %q is no code of %scode", e.Code, c.d.Prefix)
		}
		if f.Ok != nil && !c.constant(e.Code) {
			c.problems.add(e.Line, symbol, "error %q is none of the constants", e.Code)
		}
		c.text(symbol+": error "+e.Code, e.Line, e.When)
	}
	if f.Body == "move" && (len(f.Args) != 2 || !f.Args[0].IsHandle() || f.Args[1].Type != f.Args[0].Type || !f.Args[1].Out()) {
		c.problems.add(f.Line, symbol, "has `body: move`, so it takes a handle and gives one of the same type")
	}
	if f.Body == "destroy" && (len(f.Args) != 1 || !f.Args[0].IsHandle() || !f.Fallible) {
		c.problems.add(f.Line, symbol, "has `body: destroy`, so it takes one handle and returns %scode", c.d.Prefix)
	}
	if !f.Fallible {
		return
	}
	for _, arg := range f.Args {
		if arg.Dir == "inout" && !arg.IsArray() {
			c.problems.add(arg.Line, symbol, "has the number %s in and out; write two arguments", arg.Name)
		}
		if arg.Name == "error" {
			c.problems.add(arg.Line, symbol, "names an argument error; every function that returns %scode gets it by itself",
				c.d.Prefix)
		}
	}
}

func (c checker) constant(name string) bool {
	_, ok := c.d.symbols[name].of.(*Constant)
	return ok
}

// belongs holds a function to its object's name, or to a group.
func (c checker) belongs(f *Function) {
	symbol := "function " + f.Name
	switch {
	case f.Object != "" && f.Group != "":
		c.problems.add(f.Line, symbol, "has an object and a group; it belongs to one of them")
	case f.Object == "" && f.Group == "":
		c.problems.add(f.Line, symbol, "has neither an object nor a group")
	case f.Object != "":
		if _, ok := c.d.symbols[f.Object].of.(*Object); !ok {
			c.problems.add(f.Line, symbol, "its object %q is not there", f.Object)
		} else if want := c.d.Prefix + f.Object + "_"; !strings.HasPrefix(f.Name, want) || f.Name == want {
			c.problems.add(f.Line, symbol, "is not named %s<verb>, as its object asks", want)
		}
	}
}

func (c checker) outHandles(f *Function) {
	made := ""
	for _, arg := range f.Args {
		if arg.Kind != KindObject || !arg.Out() || arg.IsArray() {
			continue
		}
		if made != "" {
			c.problems.add(arg.Line, "function "+f.Name+": argument "+arg.Name,
				"is a second handle out, beside %s; a failure halfway would leave one of them made", made)
		}
		made = arg.Name
	}
}

func (c checker) codes() map[string]bool {
	codes := map[string]bool{}
	if e, ok := c.d.symbols[c.d.Prefix+"code"].of.(*Enum); ok {
		for _, v := range e.Values {
			codes[v.Name] = true
		}
	}
	return codes
}

// values checks arguments or fields that stand beside each other.
func (c checker) values(symbolPrefix string, values []*Value) {
	seen := map[string]bool{}
	for _, v := range values {
		symbol := symbolPrefix + v.Name
		c.text(symbol, v.Line, v.Doc)
		if seen[v.Name] {
			c.problems.add(v.Line, symbol, "is a duplicate")
		}
		seen[v.Name] = true
		c.pointer(symbol, v)
		c.ownership(symbol, v)
	}
}

func (c checker) pointer(symbol string, v *Value) {
	refuse := func(format string, args ...interface{}) { c.problems.add(v.Line, symbol, format, args...) }
	switch {
	case v.Array != "" && (!v.Field || v.Pointer != ""):
		refuse("has `array`, which is for fields that hold their elements in themselves")
	case v.IsArray() && v.Len == "":
		refuse("is an array without `len`")
	case v.Len != "" && !v.IsArray():
		refuse("has `len` but is no `pointer: array`")
	case v.Count != nil && (v.Count.Kind != KindScalar || v.Count.Pointer != "" || v.Count.Out()):
		refuse("is counted by %s, which is no number that comes in", v.Count.Name)
	case v.IsString() && v.Kind != KindChar:
		refuse("is `pointer: string` of %s; strings are of char", v.Type)
	case v.IsOpaque() && v.Kind != KindVoid:
		refuse("is `pointer: opaque` of %s; an opaque pointer is of void", v.Type)
	case v.Kind == KindVoid && !v.IsArray() && !v.IsOpaque():
		refuse("is void without `pointer: array` or `pointer: opaque`")
	case v.Kind == KindChar && v.Pointer == "" && v.Array == "":
		refuse("is char without `pointer: string` or `pointer: array`")
	case (v.Kind == KindForeign || v.Kind == KindOpaque) && !v.IsOne():
		refuse("is %s, which is used through `pointer: one` only", v.Type)
	case v.Kind == KindStruct && v.Pointer == "" && v.Array == "" && !v.Out():
		refuse("is the struct %s without `pointer: one` or `pointer: array`", v.Type)
	case v.IsOne() && v.Kind != KindStruct && v.Kind != KindForeign && v.Kind != KindOpaque:
		refuse("is `pointer: one` of %s, which is for structs; write `dir: out` for a value that comes back", v.Type)
	case v.IsArray() && v.Kind == KindStruct && v.Struct.Versioned && !v.Field:
		refuse("is an array of %s, which may grow; elements of arrays may not", v.Type)
	case v.Dir == "inout" && !v.IsArray() && v.Kind != KindScalar:
		refuse("is inout, which is for arrays and for numbers")
	case v.AllowZero && (v.Kind != KindObject || !v.IsArray()):
		refuse("has allow_zero, which is for arrays of handles")
	case v.Kind == KindCallback && v.Pointer != "":
		refuse("is a callback, which has no `pointer`")
	}
}

func (c checker) ownership(symbol string, v *Value) {
	inCallback := strings.HasPrefix(symbol, "callback ")
	if v.Nullable && !v.IsAddress() && v.Kind != KindCallback && v.Kind != KindObject {
		c.problems.add(v.Line, symbol, "is nullable but no pointer, no handle and no callback")
	}
	if v.Pointer == "" || v.Field {
		return
	}
	if v.Ownership == "" {
		c.problems.add(v.Line, symbol, "is a pointer without `ownership` (borrow, retain, take or give)")
	}
	if v.Ownership == "retain" && v.Until == "" {
		c.problems.add(v.Line, symbol, "is retained without `until`")
	}
	if v.Ownership == "give" && v.In() && !inCallback {
		c.problems.add(v.Line, symbol, "is given to the caller, so it needs `dir: out`")
	}
	if v.Ownership == "take" && !v.In() {
		c.problems.add(v.Line, symbol, "is taken from the caller, so it comes in")
	}
}
