package oargen

// link gives every name its meaning: which symbol a type is, which argument counts an array.
func link(d *Description, problems *Problems) {
	d.symbols = map[string]symbol{}
	l := linker{d, problems}
	l.declare()
	code, hasCode := d.symbols[d.Prefix+"code"]
	_, hasError := d.symbols[d.Prefix+"error"]
	for _, s := range d.Structs {
		for _, field := range s.Fields {
			field.Field = true
			l.value("struct "+s.Name+": field ", field)
		}
		l.counts("struct "+s.Name+": field ", s.Fields, s)
	}
	for _, c := range d.Callbacks {
		for _, arg := range c.Args {
			l.value("callback "+c.Name+": argument ", arg)
		}
		l.counts("callback "+c.Name+": argument ", c.Args, nil)
	}
	for _, f := range d.Functions {
		f.desc = d
		if f.Returns == "" && hasCode && code.kind == KindEnum {
			f.Returns = d.Prefix + "code"
		}
		f.Fallible = hasCode && hasError && f.Returns == d.Prefix+"code" && f.Ok == nil && !f.Pure
		l.returns(f)
		for _, arg := range f.Args {
			l.value("function "+f.Name+": argument ", arg)
		}
		l.counts("function "+f.Name+": argument ", f.Args, nil)
	}
}

type linker struct {
	d        *Description
	problems *Problems
}

// declare collects the names, and refuses the second use of one.
func (l linker) declare() {
	d := l.d
	for _, c := range d.Constants {
		l.name("constant", c.Name, c.Line, KindNone, c)
	}
	for _, e := range d.Enums {
		l.name("enum", e.Name, e.Line, KindEnum, e)
		for _, v := range e.Values {
			l.name("value", e.Prefix+v.Name, v.Line, KindNone, v)
		}
	}
	for _, f := range d.Foreign {
		l.name("foreign struct", f.Name, f.Line, KindForeign, f)
	}
	for _, o := range d.Opaque {
		l.name("opaque struct", o.Name, o.Line, KindOpaque, o)
	}
	for _, s := range d.Structs {
		l.name("struct", s.Name, s.Line, KindStruct, s)
	}
	for _, c := range d.Callbacks {
		l.name("callback", c.Name, c.Line, KindCallback, c)
	}
	for _, o := range d.Objects {
		o.Handle = d.Prefix + o.Name
		l.name("object", o.Name, o.Line, KindObject, o)
		if o.Handle != o.Name {
			l.name("handle", o.Handle, o.Line, KindNone, o)
		}
	}
	for _, f := range d.Functions {
		l.name("function", f.Name, f.Line, KindNone, f)
	}
}

func (l linker) name(noun, name string, line int, kind Kind, of interface{}) {
	if _, ok := builtin(name); ok {
		l.problems.add(line, noun+" "+name, "is the name of a built-in type")
		return
	}
	if first, ok := l.d.symbols[name]; ok {
		l.problems.add(line, noun+" "+name, "is a duplicate: line %d has a %s of that name", first.line, first.noun)
		return
	}
	l.d.symbols[name] = symbol{noun, line, kind, of}
}

func (l linker) value(symbolPrefix string, v *Value) {
	s, ok := builtin(v.Type)
	if !ok {
		s, ok = l.d.symbols[v.Type]
	}
	if !ok || s.kind == KindNone {
		l.problems.add(v.Line, symbolPrefix+v.Name, "unknown type %q%s", v.Type, l.hint(v.Type))
		return
	}
	s.set(v)
}

// hint helps with the mistake that is made most: the handle's C name in place of the object's.
func (l linker) hint(name string) string {
	if s, ok := l.d.symbols[name]; ok {
		if o, ok := s.of.(*Object); ok {
			return "; an object is named without its prefix: " + o.Name
		}
	}
	return ""
}

func (l linker) counts(symbolPrefix string, values []*Value, owner *Struct) {
	for _, v := range values {
		if v.Len == "" {
			continue
		}
		for _, other := range values {
			if other.Name == v.Len && other != v {
				v.Count = other
				other.Counts = append(other.Counts, v)
			}
		}
		if v.Count == nil && !(v.Field && l.besides(owner, v.Len)) {
			beside := "argument"
			if v.Field {
				beside = "field beside it, nor an argument of every function that takes the struct"
			}
			l.problems.add(v.Line, symbolPrefix+v.Name, "len names %q, which is no %s", v.Len, beside)
		}
	}
}

// besides says whether every function that takes the struct has an argument that counts a field of it: strides of the
// rank that stands beside the options.
func (l linker) besides(s *Struct, name string) bool {
	found := false
	for _, f := range l.d.Functions {
		takes, counts := false, false
		for _, arg := range f.Args {
			takes = takes || arg.Type == s.Name
			counts = counts || arg.Name == name
		}
		if takes && !counts {
			return false
		}
		found = found || takes
	}
	return found
}

func (l linker) returns(f *Function) {
	symbolName := "function " + f.Name
	switch f.Returns {
	case "":
		l.problems.add(f.Line, symbolName, "has no returns, and the description has no enum %scode to fall back to", l.d.Prefix)
	case "void":
	case "string":
		f.result = &Value{Type: "char", Pointer: "string", Kind: KindChar}
	default:
		f.result = &Value{Type: f.Returns, Line: f.Line}
		s, ok := builtin(f.Returns)
		if !ok {
			s, ok = l.d.symbols[f.Returns]
		}
		if !ok || (s.kind != KindScalar && s.kind != KindEnum && s.kind != KindBool) {
			l.problems.add(f.Line, symbolName, "returns %q; a function returns a scalar, an enum, string or void", f.Returns)
			return
		}
		s.set(f.result)
	}
}
