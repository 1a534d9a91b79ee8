package examples

import (
	"fmt"
	"go/ast"
	"go/doc"
	"strings"
)

// entry is what documentation has a heading for.
type entry struct {
	name     string // "Load" or "Tensor.Clone"
	examples []*doc.Example
	fields   map[string]bool // of a struct that holds nothing but data, else nil
}

func entriesOf(pkg *doc.Package) []entry {
	var out []entry
	for _, f := range pkg.Funcs {
		out = append(out, entry{name: f.Name, examples: f.Examples})
	}
	for _, t := range pkg.Types {
		out = append(out, entry{name: t.Name, examples: t.Examples, fields: dataFields(t)})
		for _, f := range t.Funcs {
			out = append(out, entry{name: f.Name, examples: f.Examples})
		}
		for _, f := range t.Methods {
			out = append(out, entry{name: t.Name + "." + f.Name, examples: f.Examples})
		}
	}
	return out
}

// wanted is the name of its example's function.
func (it entry) wanted() string { return "Example" + strings.ReplaceAll(it.name, ".", "_") }

// dataFields are the fields of a struct that has no methods, and hides nothing.
func dataFields(t *doc.Type) map[string]bool {
	spec, _ := t.Decl.Specs[0].(*ast.TypeSpec)
	if spec == nil || len(t.Methods) > 0 {
		return nil
	}
	// Documentation leaves hidden fields out of a struct, and says that it did.
	structure, isStruct := spec.Type.(*ast.StructType)
	if !isStruct || structure.Incomplete {
		return nil
	}
	fields := map[string]bool{}
	for _, field := range structure.Fields.List {
		for _, name := range field.Names {
			fields[name.Name] = true
		}
	}
	return fields
}

// excused is what is wrong with leaving this type to an example of something else; "" if nothing is.
func (it entry) excused(all []entry, shownBy string) string {
	if it.fields == nil {
		return fmt.Sprintf("%s is no struct of mere data, and wants an example of its own: func %s", it.name, it.wanted())
	}
	for _, other := range all {
		for _, example := range other.examples {
			if "Example"+example.Name == shownBy {
				if uses(example.Code, it.fields) {
					return ""
				}
				return fmt.Sprintf("func %s is said to show %s, and uses none of its fields", shownBy, it.name)
			}
		}
	}
	return fmt.Sprintf("%s is said to be shown by func %s, which is no example", it.name, shownBy)
}

func uses(code ast.Node, fields map[string]bool) bool {
	found := false
	ast.Inspect(code, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok && fields[selector.Sel.Name] {
			found = true
		}
		return !found
	})
	return found
}
