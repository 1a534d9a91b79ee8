package oargen

import (
	"bytes"
	"fmt"
	"path/filepath"
	"sort"
	"strings"
	"text/template"
)

// RenderForeign renders every *.tmpl of a directory for somebody else's library. Templates see the description as . and
// have the words of ours.
func RenderForeign(d *Description, directory string) ([]File, error) {
	paths, err := filepath.Glob(filepath.Join(directory, "*.tmpl"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s: has no *.tmpl", directory)
	}
	sort.Strings(paths)
	t, err := template.New("oargen").Funcs(words(d, filepath.Base(d.path))).ParseFiles(paths...)
	if err != nil {
		return nil, err
	}
	var files []File
	for _, path := range paths {
		name := filepath.Base(path)
		var out bytes.Buffer
		if err := t.ExecuteTemplate(&out, name, d); err != nil {
			return nil, err
		}
		name = strings.TrimSuffix(name, ".tmpl")
		text, err := finish(name, out.Bytes())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		files = append(files, File{name, text})
	}
	return files, nil
}
