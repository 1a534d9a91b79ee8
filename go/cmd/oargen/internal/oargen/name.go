package oargen

import "strings"

// Camel turns words with underscores into CamelCase: "load_options" becomes "LoadOptions".
func Camel(name string) string {
	var b strings.Builder
	for _, word := range strings.Split(name, "_") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

// Title is a name as the heading of a section: "load_options" becomes "Load options".
func Title(name string) string {
	words := strings.ReplaceAll(name, "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}

// Short is the function's name without the prefix of the library.
func (f *Function) Short() string { return strings.TrimPrefix(f.Name, f.desc.Prefix) }

// Unit is the object or the group that the function belongs to; its name is that of the files it is written to.
func (f *Function) Unit() string {
	if f.Object != "" {
		return f.Object
	}
	return f.Group
}

// ClassName is the C++ class behind a handle.
func (o *Object) ClassName() string { return Camel(o.Name) + "Object" }

// Inputs are the arguments that a language with arrays of known length passes: all but counts and what only comes out.
func (f *Function) Inputs() []*Value {
	var inputs []*Value
	for _, v := range f.Args {
		if !v.IsCount() && (!v.Out() || v.IsArray()) {
			inputs = append(inputs, v)
		}
	}
	return inputs
}

// Results are the numbers and handles that come out beside what the function returns.
func (f *Function) Results() []*Value {
	var results []*Value
	for _, v := range f.Args {
		if !v.In() && !v.IsArray() {
			results = append(results, v)
		}
	}
	return results
}

// Returned is how the return value is spelled; nil for void.
func (f *Function) Returned() *Value { return f.result }
