// Package oargen reads the description of a C library and writes from it everything that follows from it: headers,
// checked entries, the export list, the manual, tests, a fuzz target, a Go layer.
//
// A description goes through three gates: the JSON Schema (schema.json) for its form, link for what names refer to,
// check for what the schema cannot say. What passes needs no further checks in the templates.
package oargen

import (
	"fmt"
	"os"

	"gopkg.in/yaml.v3"
)

// Load reads the description at path. An error is a *Problems where the description itself is at fault.
func Load(path string) (*Description, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, text)
}

// Parse is Load for text at hand; path is what errors call it.
func Parse(path string, text []byte) (*Description, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(document.Content) == 0 {
		return nil, fmt.Errorf("%s:1: is empty; a description begins with `schema: 1`", path)
	}
	problems := &Problems{Path: path}
	validate(document.Content[0], problems)
	if err := problems.err(); err != nil {
		return nil, err
	}
	d := &Description{path: path}
	if err := document.Content[0].Decode(d); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	link(d, problems)
	if err := problems.err(); err != nil {
		return nil, err
	}
	check(d, problems)
	return d, problems.err()
}
