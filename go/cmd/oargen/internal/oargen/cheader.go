package oargen

import (
	"fmt"
	"path/filepath"
	"strings"
)

// HeaderFile is one header with all that is written into it.
type HeaderFile struct {
	*Header
	D         *Description
	First     bool
	Main      bool // the last one: it has the objects and the functions
	Beside    bool // a copy for a folder that has all of them, where they include each other by name alone
	Constants []*Constant
	Enums     []*Enum
	Declared  []*Declared
	Structs   []*Struct // those that belong to no section
	Callbacks []*Callback
	Forward   []*Struct // named by a callback before they are defined
	Objects   []*Object
	Sections  []*Section
}

// HeaderFiles deals everything out to the headers. What names none goes to the last one.
func (d *Description) HeaderFiles() []*HeaderFile {
	var files []*HeaderFile
	last := len(d.Headers) - 1
	for i, h := range d.Headers {
		files = append(files, &HeaderFile{Header: h, D: d, First: i == 0, Main: i == last})
	}
	file := func(name string) *HeaderFile {
		for _, f := range files {
			if f.Name == name {
				return f
			}
		}
		return files[last]
	}
	for _, c := range d.Constants {
		file(c.Header).Constants = append(file(c.Header).Constants, c)
	}
	for _, e := range d.Enums {
		file(e.Header).Enums = append(file(e.Header).Enums, e)
	}
	for _, list := range [][]*Declared{d.Foreign, d.Opaque} {
		for _, declared := range list {
			file(declared.Header).Declared = append(file(declared.Header).Declared, declared)
		}
	}
	main := files[last]
	main.Objects = d.Objects
	main.Sections = d.Sections()
	d.dealStructs(main, file)
	for _, c := range d.Callbacks {
		main.forward(c)
	}
	return files
}

// dealStructs puts structs and callbacks into the section that uses them, unless they ask for another header.
func (d *Description) dealStructs(main *HeaderFile, file func(string) *HeaderFile) {
	placed := map[interface{}]bool{}
	for _, s := range main.Sections {
		var structs []*Struct
		for _, st := range s.Structs {
			if file(st.Header) == main {
				structs = append(structs, st)
				placed[st] = true
			}
		}
		s.Structs = structs
		for _, c := range s.Callbacks {
			placed[c] = true
		}
	}
	for _, st := range d.Structs {
		if !placed[st] {
			file(st.Header).Structs = append(file(st.Header).Structs, st)
		}
	}
	for _, c := range d.Callbacks {
		if !placed[c] {
			main.Callbacks = append(main.Callbacks, c)
		}
	}
}

func (h *HeaderFile) forward(c *Callback) {
	for _, arg := range c.Args {
		if arg.Struct == nil {
			continue
		}
		known := false
		for _, s := range h.Forward {
			known = known || s == arg.Struct
		}
		if !known {
			h.Forward = append(h.Forward, arg.Struct)
		}
	}
}

// IncludeName is the header's path as #include names it.
func (h *Header) IncludeName() string { return strings.TrimPrefix(h.Path, "include/") }

// Opening is the first comment of the file.
func (h *HeaderFile) Opening(mark string) string {
	lines := []string{mark, ""}
	doc := wrap(h.IncludeName()+": "+h.Doc, CommentWidth-3)
	text := cComment("", append(lines, doc...))
	return "/*" + strings.TrimPrefix(text, "/**")
}

// FileName is the header's name without its folder.
func (h *Header) FileName() string { return filepath.Base(h.Path) }

// Copy is the header for a folder that has all of them.
func (h *HeaderFile) Copy() *HeaderFile {
	copied := *h
	copied.Beside = true
	return &copied
}

// IncludePaths are the headers that this one needs.
func (h *HeaderFile) IncludePaths() []string {
	var paths []string
	for _, name := range h.Includes {
		for _, other := range h.D.Headers {
			if other.Name == name {
				path := other.IncludeName()
				if h.Beside {
					path = other.FileName()
				}
				paths = append(paths, path)
			}
		}
	}
	return paths
}

// Macro is a macro of the library: OAR_API.
func (d *Description) Macro(name string) string { return strings.ToUpper(d.Prefix) + name }

// Literal is the constant as C writes it.
func (c *Constant) Literal() string { return c.Value }

// Literal is a flag as a 64-bit constant, another value as a plain number.
func (e *Enum) Literal(v *EnumValue) string {
	if e.Flags {
		return fmt.Sprintf("UINT64_C(0x%x)", v.Value)
	}
	return fmt.Sprint(v.Value)
}

// Last tells the value that has no comma behind it.
func (e *Enum) Last(v *EnumValue) bool { return e.Values[len(e.Values)-1] == v }

// Declaration is the function in the header.
func (f *Function) Declaration() string {
	head := f.desc.Macro("API") + " " + spaced(f.ResultType()) + f.Name
	params := f.Params()
	if len(params) == 0 {
		params = []string{"void"}
	}
	return call("", head, params, " "+f.desc.Macro("NOEXCEPT")+";")
}

// spaced is a type in front of a name.
func spaced(ctype string) string { return ctype + " " }

// Typedef is the callback's type.
func (c *Callback) Typedef() string {
	params := c.Params()
	if len(params) == 0 {
		params = []string{"void"}
	}
	return call("", "typedef void (*"+c.Name+")", params, ";")
}

// MainHeader is the one to include; it includes the others.
func (d *Description) MainHeader() *Header { return d.Headers[len(d.Headers)-1] }
