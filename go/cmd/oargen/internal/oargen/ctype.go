package oargen

// base is the C type that v is made of, without pointers.
func (v *Value) base() string {
	switch v.Kind {
	case KindBool:
		return "int32_t"
	case KindObject:
		return v.handles
	case KindScalar:
		return scalars[v.Type]
	}
	return v.Type
}

// CType is the C type of an argument or of a field, without the [n] of a field that holds an array.
func (v *Value) CType() string {
	base := v.base()
	constant := "const "
	if !v.In() {
		constant = ""
	}
	switch v.Pointer {
	case "string":
		if v.Out() {
			return "const char**"
		}
		return "const char*"
	case "array":
		return constant + base + "*"
	case "opaque":
		if v.Out() {
			return "void**"
		}
		return "void*"
	case "one":
		if v.Out() && v.Kind != KindStruct {
			return base + "**"
		}
		// What the library takes over it may also change.
		if v.Ownership == "take" {
			return base + "*"
		}
		return constant + base + "*"
	}
	if !v.In() {
		return base + "*"
	}
	return base
}

// Param is the declaration of an argument.
func (v *Value) Param() string { return v.CType() + " " + v.Name }

// Member is the declaration of a field.
func (v *Value) Member() string {
	if v.Array != "" {
		return v.CType() + " " + v.Name + "[" + v.Array + "]"
	}
	return v.CType() + " " + v.Name
}

// ResultType is what the C function returns.
func (f *Function) ResultType() string {
	if f.result == nil {
		return "void"
	}
	return f.result.CType()
}

// Params are the declarations of all arguments, the error included.
func (f *Function) Params() []string {
	var params []string
	for _, arg := range f.Args {
		params = append(params, arg.Param())
	}
	if f.Fallible {
		params = append(params, f.desc.Prefix+"error** error")
	}
	return params
}

// Params are the declarations of a callback's arguments.
func (c *Callback) Params() []string {
	var params []string
	for _, arg := range c.Args {
		params = append(params, arg.Param())
	}
	return params
}
