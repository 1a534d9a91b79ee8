package paddlecompat_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"
)

const document = "../../docs/migrate-paddle-go.md"

// exported are the names of the package, methods with their type in front.
func exported(t *testing.T) map[string]bool {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), entry.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range parsed.Decls {
			for _, name := range namesOf(declaration) {
				if last := name[strings.LastIndexByte(name, '.')+1:]; ast.IsExported(name) && ast.IsExported(last) {
					names[name] = true
				}
			}
		}
	}
	return names
}

func namesOf(declaration ast.Decl) (names []string) {
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return []string{d.Name.Name}
		}
		receiver := d.Recv.List[0].Type
		if pointer, ok := receiver.(*ast.StarExpr); ok {
			receiver = pointer.X
		}
		if of, ok := receiver.(*ast.Ident); ok { // not a type of any element, none of which is exported
			return []string{of.Name + "." + d.Name.Name}
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
			case *ast.ValueSpec:
				for _, name := range s.Names {
					names = append(names, name.Name)
				}
			}
		}
	}
	return names
}

var code = regexp.MustCompile("`([^`]+)`")

// documented are the names in the first column of the document's tables, up to any bracket.
func documented(text string) map[string]bool {
	names := map[string]bool{}
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		for _, name := range code.FindAllStringSubmatch(strings.SplitN(line, "|", 3)[1], -1) {
			before, _, _ := strings.Cut(name[1], "(")
			names[before] = true
		}
	}
	return names
}

func TestDocumentHasEachNameAndNoOther(t *testing.T) {
	names, written := exported(t), documented(content(t, document))
	if len(names) < 130 {
		t.Fatalf("only %d names were found", len(names))
	}
	methods := map[string]bool{}
	for name := range names {
		_, method, _ := strings.Cut(name, ".")
		methods[method] = true
		if !written[name] && !written[method] {
			t.Errorf("%s is in no table", name)
		}
	}
	for name := range written {
		if !names[name] && !methods[name] {
			t.Errorf("the table has %s, which the package has not", name)
		}
	}
}

func TestProgramsInTheDocumentAreTheExamples(t *testing.T) {
	text := content(t, document)
	source := content(t, "example_test.go")
	for _, example := range []string{"Example", "Example_oarlock"} {
		_, body, found := strings.Cut(source, "\nfunc "+example+"() {\n")
		body, _, closed := strings.Cut(body, "\n}\n")
		if !found || !closed {
			t.Fatalf("%s is not found", example)
		}
		body = strings.ReplaceAll("\n"+body, "\n\t", "\n")
		if !strings.Contains(text, "```go"+body+"\n```") {
			t.Errorf("the document has another program than %s:%s", example, body)
		}
	}
}
