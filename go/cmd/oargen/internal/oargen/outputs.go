package oargen

// File is one output, its path relative to the root of the repository.
type File struct {
	Path string
	Text []byte
}

// Render writes everything that follows from the description, in a fixed order.
func Render(d *Description) ([]File, error) {
	r, err := newRenderer(d)
	if err != nil {
		return nil, err
	}
	var files []File
	add := func(path, template string, page Page) {
		if err != nil {
			return
		}
		var text []byte
		if text, err = r.file(template, page); err == nil {
			files = append(files, File{path, text})
		}
	}
	for _, h := range d.HeaderFiles() {
		add(h.Path, "header.h.tmpl", Page{H: h})
	}
	add("src/capi/generated/tags.h", "tags.h.tmpl", Page{})
	add("src/capi/generated/values.h", "values.h.tmpl", Page{})
	add("src/capi/generated/bodies.h", "bodies.h.tmpl", Page{})
	for _, s := range d.Sections() {
		add("src/capi/generated/entry_"+s.Name+".cc", "entry.cc.tmpl", Page{S: s})
	}
	add("src/capi/oarlock.map", "oarlock.map.tmpl", Page{})
	const tests = "tests/capi/generated/"
	add(tests+"handles.h", "handles.h.tmpl", Page{})
	add(tests+"arguments.h", "arguments.h.tmpl", Page{})
	for _, s := range d.Sections() {
		add(tests+"contract_"+s.Name+"_test.cc", "contract_test.cc.tmpl", Page{S: s})
	}
	add(tests+"race_test.cc", "race_test.cc.tmpl", Page{})
	add(tests+"fork_test.cc", "fork_test.cc.tmpl", Page{})
	add(tests+"symbols.c", "symbols.c.tmpl", Page{})
	const fuzz = "fuzz/generated/"
	add(fuzz+"capi_arguments.h", "capi_arguments.h.tmpl", Page{})
	for _, s := range d.FuzzedSections() {
		add(fuzz+"calls_"+s.Name+".h", "capi_section_calls.h.tmpl", Page{S: s})
	}
	add(fuzz+"capi_calls.h", "capi_calls.h.tmpl", Page{})
	// The Go module carries the headers in the package that needs them: nothing outside of a module comes with it, and of a
	// module that is vendored only the folders with Go files do.
	const cabi = "go/internal/cabi/"
	for _, h := range d.HeaderFiles() {
		add(cabi+h.FileName(), "header.h.tmpl", Page{H: h.Copy()})
	}
	add(cabi+d.Library+"_table.h", "table.h.tmpl", Page{})
	add(cabi+d.Library+"_table.c", "table.c.tmpl", Page{})
	add(cabi+"values.go", "values.go.tmpl", Page{})
	add(cabi+"cabi.go", "cabi.go.tmpl", Page{})
	add(cabi+"noescape.go", "noescape.go.tmpl", Page{})
	add("docs/api/README.md", "index.md.tmpl", Page{})
	add("docs/api/values.md", "values.md.tmpl", Page{})
	for _, s := range d.Sections() {
		add("docs/api/"+s.Page(), "section.md.tmpl", Page{S: s})
	}
	if err == nil {
		files = append(files, File{"api/oarlock.schema.json", []byte(schemaText)})
	}
	return files, err
}
