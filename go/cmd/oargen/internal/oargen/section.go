package oargen

// Section is what stands together: an object or a group, its functions, and the structs and callbacks that they are the
// first to use.
type Section struct {
	Name      string
	Object    *Object // nil for a group
	Doc       string
	Callbacks []*Callback
	Structs   []*Struct
	Functions []*Function
}

// Sections are in the order of their first functions.
func (d *Description) Sections() []*Section {
	var sections []*Section
	byName := map[string]*Section{}
	owner := map[interface{}]*Section{}
	for _, f := range d.Functions {
		s := byName[f.Unit()]
		if s == nil {
			s = &Section{Name: f.Unit()}
			if o, ok := d.symbols[f.Object].of.(*Object); ok {
				s.Object, s.Doc = o, o.Doc
			}
			for _, g := range d.Groups {
				if f.Object == "" && g.Name == f.Group {
					s.Doc = g.Doc
				}
			}
			byName[s.Name] = s
			sections = append(sections, s)
		}
		s.Functions = append(s.Functions, f)
		own(s, f.Args, owner)
	}
	for _, c := range d.Callbacks {
		if s := owner[c]; s != nil {
			s.Callbacks = append(s.Callbacks, c)
		}
	}
	for _, st := range d.Structs {
		if s := owner[st]; s != nil {
			s.Structs = append(s.Structs, st)
		}
	}
	return sections
}

// own gives to s what its functions use and no section before it did.
func own(s *Section, values []*Value, owner map[interface{}]*Section) {
	for _, v := range values {
		if v.Struct != nil && owner[v.Struct] == nil {
			owner[v.Struct] = s
			own(s, v.Struct.Fields, owner)
		}
		if v.Callback != nil && owner[v.Callback] == nil {
			owner[v.Callback] = s
			own(s, v.Callback.Args, owner)
		}
	}
}
