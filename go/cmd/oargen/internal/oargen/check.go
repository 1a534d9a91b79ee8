package oargen

import "strings"

// check refuses what the schema cannot see. Everything refused here would make a wrong header or an unchecked entry.
func check(d *Description, problems *Problems) {
	c := checker{d, problems}
	c.headers()
	for _, constant := range d.Constants {
		c.text("constant "+constant.Name, constant.Line, constant.Doc)
		c.prefix("constant", constant.Name, constant.Line, strings.ToUpper(d.Prefix))
		c.header("constant "+constant.Name, constant.Line, constant.Header)
	}
	for _, e := range d.Enums {
		c.enum(e)
	}
	for _, f := range d.Foreign {
		c.text("foreign struct "+f.Name, f.Line, f.Doc)
		c.header("foreign struct "+f.Name, f.Line, f.Header)
	}
	for _, o := range d.Opaque {
		c.text("opaque struct "+o.Name, o.Line, o.Doc)
		c.prefix("opaque struct", o.Name, o.Line, d.Prefix)
		c.header("opaque struct "+o.Name, o.Line, o.Header)
	}
	for _, s := range d.Structs {
		c.structure(s)
	}
	for _, callback := range d.Callbacks {
		symbol := "callback " + callback.Name
		c.text(symbol, callback.Line, callback.Doc)
		c.prefix("callback", callback.Name, callback.Line, d.Prefix)
		c.header(symbol, callback.Line, callback.Header)
		c.values(symbol+": argument ", callback.Args)
	}
	c.objects()
	for _, f := range d.Functions {
		c.function(f)
	}
}

type checker struct {
	d        *Description
	problems *Problems
}

// text refuses documentation that would end the comment it is put into, or that says nothing.
func (c checker) text(symbol string, line int, doc string) {
	if strings.TrimSpace(doc) == "" {
		c.problems.add(line, symbol, "has an empty doc")
	}
	if strings.Contains(doc, "*/") || strings.Contains(doc, "/*") {
		c.problems.add(line, symbol, "its doc has the mark of a C comment, which would end the one it is in")
	}
}

func (c checker) prefix(noun, name string, line int, prefix string) {
	if !strings.HasPrefix(name, prefix) {
		c.problems.add(line, noun+" "+name, "does not begin with %s", prefix)
	}
}

func (c checker) header(symbol string, line int, name string) {
	if name == "" {
		return
	}
	var names []string
	for _, h := range c.d.Headers {
		if h.Name == name {
			return
		}
		names = append(names, h.Name)
	}
	c.problems.add(line, symbol, "header %q is none of %s", name, strings.Join(names, ", "))
}

func (c checker) headers() {
	seen := map[string]bool{}
	for _, h := range c.d.Headers {
		symbol := "header " + h.Name
		c.text(symbol, h.Line, h.Doc)
		for _, include := range h.Includes {
			if !seen[include] {
				c.problems.add(h.Line, symbol, "includes %q, which is no header before it", include)
			}
		}
		if seen[h.Name] {
			c.problems.add(h.Line, symbol, "is a duplicate")
		}
		seen[h.Name] = true
	}
}

func (c checker) enum(e *Enum) {
	symbol := "enum " + e.Name
	c.text(symbol, e.Line, e.Doc)
	c.prefix("enum", e.Name, e.Line, c.d.Prefix)
	c.header(symbol, e.Line, e.Header)
	c.prefix("enum prefix", e.Prefix, e.Line, strings.ToUpper(c.d.Prefix))
	byValue := map[int64]string{}
	for _, v := range e.Values {
		c.text(symbol+": value "+v.Name, v.Line, v.Doc)
		if other, ok := byValue[v.Value]; ok {
			c.problems.add(v.Line, symbol+": value "+v.Name, "has the value %d, as %s has", v.Value, other)
		}
		byValue[v.Value] = v.Name
		if !e.Flags && v.Value != int64(int32(v.Value)) {
			c.problems.add(v.Line, symbol+": value "+v.Name, "%d does not fit an int32", v.Value)
		}
		if e.Flags && (v.Value <= 0 || v.Value&(v.Value-1) != 0) {
			c.problems.add(v.Line, symbol+": value "+v.Name, "%d is not one bit; flags are 1, 2, 4, ...", v.Value)
		}
	}
	if e.Flags && e.Open {
		c.problems.add(e.Line, symbol, "is both open and flags; flags are checked against their bits, open enums are not")
	}
}

func (c checker) structure(s *Struct) {
	symbol := "struct " + s.Name
	c.text(symbol, s.Line, s.Doc)
	c.prefix("struct", s.Name, s.Line, c.d.Prefix)
	c.header(symbol, s.Line, s.Header)
	c.values(symbol+": field ", s.Fields)
	for _, field := range s.Fields {
		if field.Name == "struct_size" {
			c.problems.add(field.Line, symbol, "names struct_size, which `versioned: true` adds by itself")
		}
	}
}

func (c checker) objects() {
	tags := map[int]string{}
	for _, o := range c.d.Objects {
		symbol := "object " + o.Name
		c.text(symbol, o.Line, o.Doc)
		if other, ok := tags[o.Tag]; ok {
			c.problems.add(o.Line, symbol, "has the tag %d, as %s has", o.Tag, other)
		}
		tags[o.Tag] = o.Name
		for _, name := range append([]string{o.Destroy}, o.Create...) {
			if _, ok := c.d.symbols[name].of.(*Function); !ok {
				c.problems.add(o.Line, symbol, "names the function %q, which is not there", name)
			}
		}
		if o.Parent != "" {
			if _, ok := c.d.symbols[o.Parent].of.(*Object); !ok {
				c.problems.add(o.Line, symbol, "has the parent %q, which is no object", o.Parent)
			}
		}
	}
}
