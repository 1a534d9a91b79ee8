package oargen

import "gopkg.in/yaml.v3"

// Description is a C library as its yaml file tells it. Load fills it; after that nothing changes it.
type Description struct {
	Schema    int
	Library   string
	Prefix    string
	Version   string
	Headers   []*Header
	Constants []*Constant
	Enums     []*Enum
	Foreign   []*Declared
	Opaque    []*Declared
	Structs   []*Struct
	Callbacks []*Callback
	Objects   []*Object
	Groups    []*Group
	Functions []*Function

	path    string // as errors name it
	symbols map[string]symbol
}

// Header is a file to write, and the documentation it opens with.
type Header struct {
	Name, Path, Guard, Doc string
	Includes               []string
	Line                   int `yaml:"-"`
}

// Constant becomes a #define.
type Constant struct {
	Name, Value, Header, Doc string
	Line                     int `yaml:"-"`
}

// Enum is an int32 with names for its values, or, with Flags, a uint64 of bits.
type Enum struct {
	Name, Header, Prefix, Doc string
	Open, Flags               bool
	Values                    []*EnumValue
	Line                      int `yaml:"-"`
}

// EnumValue is one name of an Enum, without the prefix.
type EnumValue struct {
	Name, Doc string
	Value     int64
	Line      int `yaml:"-"`
}

// Declared is a struct that is only named: it belongs to others (foreign), or what is in it is nobody's business (opaque).
type Declared struct {
	Name, Header, Doc string
	Line              int `yaml:"-"`
}

// Struct has its members in the open. A versioned one begins with struct_size, which is not among Fields.
type Struct struct {
	Name, Header, Doc string
	Versioned         bool
	Fields            []*Value
	Line              int `yaml:"-"`
}

// Callback is a function type that returns nothing.
type Callback struct {
	Name, Header, Doc string
	Args              []*Value
	Line              int `yaml:"-"`
}

// Object is what a handle stands for.
type Object struct {
	Name, Doc, Destroy, Parent string
	Tag                        int
	Create                     []string
	Line                       int `yaml:"-"`

	Handle string `yaml:"-"` // the C type, "oar_tensor"
}

// Group gathers functions that belong to no object.
type Group struct {
	Name, Doc string
	Line      int `yaml:"-"`
}

// Function is one C function.
type Function struct {
	Name, Object, Group, Doc, Since, Deprecated string
	ThreadSafety                                string `yaml:"thread_safety"`
	AfterFork                                   bool   `yaml:"after_fork"`
	Blocking, Pure                              bool
	Returns, Body                               string
	Ok                                          *int64
	Fuzz                                        *bool
	CallsBack                                   *bool `yaml:"calls_back"`
	Args                                        []*Value
	Errors                                      []*ErrorCase
	Line                                        int `yaml:"-"`

	Fallible bool   `yaml:"-"` // returns a code and takes `error` as its last argument
	result   *Value // how Returns is spelled; nil for void
	desc     *Description
}

// ErrorCase says when a function answers with a code.
type ErrorCase struct {
	Code, When string
	Line       int `yaml:"-"`
}

// Value is an argument of a function or a callback, or a field of a struct.
type Value struct {
	Name, Type, Doc, Dir, Pointer, Len, Ownership, Until, Example, Array string
	Nullable                                                             bool
	AllowZero                                                            bool `yaml:"allow_zero"`
	Line                                                                 int  `yaml:"-"`

	Kind  Kind `yaml:"-"`
	Field bool `yaml:"-"`
	// What Type names, where it is no scalar.
	Enum     *Enum     `yaml:"-"`
	Struct   *Struct   `yaml:"-"`
	Callback *Callback `yaml:"-"`
	Object   *Object   `yaml:"-"`
	// The argument that counts this array, and the array that this argument counts.
	Count   *Value   `yaml:"-"`
	Counts  []*Value `yaml:"-"`
	handles string
}

// The position of each element is that of its node.

func (h *Header) UnmarshalYAML(n *yaml.Node) error {
	type plain Header
	h.Line = n.Line
	return n.Decode((*plain)(h))
}

func (c *Constant) UnmarshalYAML(n *yaml.Node) error {
	type plain Constant
	c.Line = n.Line
	return n.Decode((*plain)(c))
}

func (e *Enum) UnmarshalYAML(n *yaml.Node) error {
	type plain Enum
	e.Line = n.Line
	return n.Decode((*plain)(e))
}

func (v *EnumValue) UnmarshalYAML(n *yaml.Node) error {
	type plain EnumValue
	v.Line = n.Line
	return n.Decode((*plain)(v))
}

func (d *Declared) UnmarshalYAML(n *yaml.Node) error {
	type plain Declared
	d.Line = n.Line
	return n.Decode((*plain)(d))
}

func (s *Struct) UnmarshalYAML(n *yaml.Node) error {
	type plain Struct
	s.Line = n.Line
	return n.Decode((*plain)(s))
}

func (c *Callback) UnmarshalYAML(n *yaml.Node) error {
	type plain Callback
	c.Line = n.Line
	return n.Decode((*plain)(c))
}

func (o *Object) UnmarshalYAML(n *yaml.Node) error {
	type plain Object
	o.Line = n.Line
	return n.Decode((*plain)(o))
}

func (g *Group) UnmarshalYAML(n *yaml.Node) error {
	type plain Group
	g.Line = n.Line
	return n.Decode((*plain)(g))
}

func (f *Function) UnmarshalYAML(n *yaml.Node) error {
	type plain Function
	f.Line = n.Line
	return n.Decode((*plain)(f))
}

func (e *ErrorCase) UnmarshalYAML(n *yaml.Node) error {
	type plain ErrorCase
	e.Line = n.Line
	return n.Decode((*plain)(e))
}

func (v *Value) UnmarshalYAML(n *yaml.Node) error {
	type plain Value
	v.Line = n.Line
	return n.Decode((*plain)(v))
}
