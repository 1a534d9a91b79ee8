package oargen

import (
	_ "embed" // schema.json
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"gopkg.in/yaml.v3"
)

//go:embed schema.json
var schemaText string

var schema = jsonschema.MustCompileString("oarlock.schema.json", schemaText)

// validate holds the tree against the schema. The schema speaks of JSON pointers; people want a line and a name.
func validate(root *yaml.Node, problems *Problems) {
	var tree interface{}
	if err := root.Decode(&tree); err != nil {
		problems.add(root.Line, "", "%v", err)
		return
	}
	err := schema.Validate(tree)
	if err == nil {
		return
	}
	invalid, ok := err.(*jsonschema.ValidationError)
	if !ok {
		problems.add(root.Line, "", "%v", err)
		return
	}
	for _, leaf := range leaves(invalid) {
		line, symbol := locate(root, leaf.InstanceLocation)
		problems.add(line, symbol, "%s", plain(leaf.Message))
	}
}

func leaves(err *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(err.Causes) == 0 {
		return []*jsonschema.ValidationError{err}
	}
	var all []*jsonschema.ValidationError
	for _, cause := range err.Causes {
		all = append(all, leaves(cause)...)
	}
	return all
}

// What an element of each list is called.
var nouns = map[string]string{
	"headers": "header", "constants": "constant", "enums": "enum", "values": "value", "foreign": "foreign struct",
	"opaque": "opaque struct", "structs": "struct", "fields": "field", "callbacks": "callback", "objects": "object",
	"groups": "group", "functions": "function", "args": "argument", "errors": "error",
}

// locate walks a JSON pointer: the line where it ends, and the names of the elements it passes.
func locate(root *yaml.Node, pointer string) (int, string) {
	node, noun := root, ""
	var names []string
	for _, part := range strings.Split(strings.Trim(pointer, "/"), "/") {
		if part == "" {
			continue
		}
		next := step(node, part)
		if next == nil {
			break
		}
		if node.Kind == yaml.SequenceNode {
			if name := step(next, "name"); name != nil {
				names = append(names, noun+" "+name.Value)
			} else if next.Kind == yaml.MappingNode {
				names = append(names, noun+" "+part)
			}
		} else if nouns[part] != "" {
			noun = nouns[part]
		} else {
			names = append(names, part)
		}
		node = next
	}
	return node.Line, strings.Join(names, ": ")
}

func step(node *yaml.Node, part string) *yaml.Node {
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == part {
				return node.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if index, err := strconv.Atoi(part); err == nil && index < len(node.Content) {
			return node.Content[index]
		}
	}
	return nil
}

var (
	missing = regexp.MustCompile(`^missing properties: (.*)$`)
	unknown = regexp.MustCompile(`^additionalProperties (.*) not allowed$`)
)

func plain(message string) string {
	if match := missing.FindStringSubmatch(message); match != nil {
		return fmt.Sprintf("has no %s", strings.ReplaceAll(match[1], "'", ""))
	}
	if match := unknown.FindStringSubmatch(message); match != nil {
		return fmt.Sprintf("unknown key %s", match[1])
	}
	return message
}
