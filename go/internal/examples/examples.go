// Package examples finds what a package exports without showing how to use it, so that a test fails before a reader of the
// documentation misses it.
package examples

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
)

// Problems names each exported function, type and method of the package in a directory that has no example whose output is
// checked. Constants and variables need none, nor do methods of interfaces, which documentation lists with their type.
//
// shownBy excuses structs that hold nothing but data: by the type's name, the function that shows one, as in
// {"Leak": "ExampleLeaks"}. What it says is checked as well.
func Problems(dir string, shownBy map[string]string) ([]string, error) {
	pkg, err := Read(dir, 0)
	if err != nil {
		return nil, err
	}
	return problems(pkg, shownBy), nil
}

// Read is the documentation of the package in a directory, with its examples.
func Read(dir string, mode doc.Mode) (*doc.Package, error) {
	files := token.NewFileSet()
	parsed, err := parse(files, dir)
	if err != nil {
		return nil, err
	}
	return doc.NewFromFiles(files, parsed, "p", mode)
}

func parse(files *token.FileSet, dir string) ([]*ast.File, error) {
	found, err := build.ImportDir(dir, 0)
	if err != nil {
		return nil, err
	}
	var parsed []*ast.File
	for _, name := range slices.Concat(found.GoFiles, found.CgoFiles, found.TestGoFiles, found.XTestGoFiles) {
		file, err := parser.ParseFile(files, filepath.Join(dir, name), nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, file)
	}
	return parsed, nil
}

func problems(pkg *doc.Package, shownBy map[string]string) []string {
	found := entriesOf(pkg)
	var out []string
	for _, it := range found {
		name, isExcused := shownBy[it.name]
		switch {
		case isExcused && len(it.examples) > 0:
			out = append(out, fmt.Sprintf("%s has an example of its own, and is still said to be shown by %s", it.name, name))
		case isExcused:
			if problem := it.excused(found, name); problem != "" {
				out = append(out, problem)
			}
		case len(it.examples) == 0:
			out = append(out, fmt.Sprintf("%s has no example; want func %s", it.name, it.wanted()))
		}
		for _, example := range it.examples {
			if example.Output == "" && !example.EmptyOutput {
				out = append(out, fmt.Sprintf("func Example%s is not run: it ends with no // Output: comment", example.Name))
			}
		}
	}
	for name := range shownBy {
		if !slices.ContainsFunc(found, func(it entry) bool { return it.name == name }) {
			out = append(out, fmt.Sprintf("%s is said to be shown by %s, and is not exported", name, shownBy[name]))
		}
	}
	slices.Sort(out)
	return out
}
