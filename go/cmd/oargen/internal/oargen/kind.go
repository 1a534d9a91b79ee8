package oargen

// Kind is the sort of thing that a type name stands for.
type Kind int

// KindNone is no type at all: a name that was not found.
const (
	KindNone Kind = iota
	KindScalar
	KindBool
	KindChar
	KindVoid
	KindEnum
	KindStruct
	KindForeign
	KindOpaque
	KindCallback
	KindObject
)

// The scalar types of a description and their spelling in C. bool is an int32_t there: any nonzero value is true.
var scalars = map[string]string{
	"int8": "int8_t", "int16": "int16_t", "int32": "int32_t", "int64": "int64_t",
	"uint8": "uint8_t", "uint16": "uint16_t", "uint32": "uint32_t", "uint64": "uint64_t",
	"size": "size_t", "float": "float", "double": "double",
	"int": "int", "uint": "unsigned int", "long": "long", "ulong": "unsigned long",
}

// symbol is what a name of the description was given to.
type symbol struct {
	noun string
	line int
	kind Kind
	of   interface{}
}

// set tells v what its type is.
func (s symbol) set(v *Value) {
	v.Kind = s.kind
	switch of := s.of.(type) {
	case *Enum:
		v.Enum = of
	case *Struct:
		v.Struct = of
	case *Callback:
		v.Callback = of
	case *Object:
		v.Object = of
		v.handles = of.Handle
	}
}

func builtin(name string) (symbol, bool) {
	switch name {
	case "char":
		return symbol{kind: KindChar}, true
	case "void":
		return symbol{kind: KindVoid}, true
	case "bool":
		return symbol{kind: KindBool}, true
	}
	_, ok := scalars[name]
	return symbol{kind: KindScalar}, ok
}

// IsSigned says whether a count of this type could be negative.
func (v *Value) IsSigned() bool {
	switch v.Type {
	case "int8", "int16", "int32", "int64", "int", "long":
		return true
	}
	return false
}

// Out says whether the function writes through this argument rather than reads it.
func (v *Value) Out() bool { return v.Dir == "out" }

// In is the default direction.
func (v *Value) In() bool { return v.Dir == "" || v.Dir == "in" }

// IsArray, IsString, IsOpaque and IsOne ask for the kind of pointer.
func (v *Value) IsArray() bool { return v.Pointer == "array" }

// IsString is a NUL-terminated one.
func (v *Value) IsString() bool { return v.Pointer == "string" }

// IsOpaque is an address that is kept, never followed.
func (v *Value) IsOpaque() bool { return v.Pointer == "opaque" }

// IsOne is a pointer to one struct.
func (v *Value) IsOne() bool { return v.Pointer == "one" }

// IsCount says whether this argument counts the elements of an array.
func (v *Value) IsCount() bool { return len(v.Counts) > 0 }

// IsHandle is a handle by value, coming in.
func (v *Value) IsHandle() bool { return v.Kind == KindObject && v.Pointer == "" && v.In() }

// IsAddress says whether the C type is a pointer.
func (v *Value) IsAddress() bool { return v.Pointer != "" || !v.In() }
