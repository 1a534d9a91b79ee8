// Command oargen writes from the description of a C library what follows from it. docs/generator.md explains it.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/oarlock/oarlock/go/cmd/oargen/internal/oargen"
)

const usage = `oargen writes what follows from the description of a C library.

  oargen                         in Oarlock's root: reads api/oarlock.yaml, writes every file made from it
  oargen -check                  writes nothing; shows what differs, and fails if anything does
  oargen -spec zlib.yaml -templates templates -out go
                                 another library: renders each templates/NAME.tmpl to go/NAME; -check goes with it too

Flags:
`

func main() {
	root := flag.String("root", ".", "`directory` that paths of the outputs start from")
	check := flag.Bool("check", false, "compare instead of writing")
	spec := flag.String("spec", "", "description `file` of another library")
	templates := flag.String("templates", "", "`directory` of *.tmpl files for -spec")
	out := flag.String("out", "", "`directory` that -spec writes to")
	flag.Usage = func() {
		fmt.Fprint(os.Stderr, usage)
		flag.PrintDefaults()
	}
	flag.Parse()
	if err := run(*root, *spec, *templates, *out, *check); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(root, spec, templates, out string, check bool) error {
	if flag.NArg() > 0 {
		return fmt.Errorf("oargen: %q is no flag; see oargen -help", flag.Arg(0))
	}
	if (spec == "") != (templates == "") || (spec == "") != (out == "") {
		return fmt.Errorf("oargen: -spec, -templates and -out go together")
	}
	files, target, err := render(root, spec, templates, out)
	if err != nil {
		return err
	}
	if !check {
		return oargen.Write(target, files)
	}
	if report := oargen.Check(target, files); report != "" {
		fmt.Print(report)
		return fmt.Errorf("oargen: generated files differ from the description; run scripts/generate")
	}
	return nil
}

func render(root, spec, templates, out string) ([]oargen.File, string, error) {
	if spec != "" {
		d, err := oargen.Load(spec)
		if err != nil {
			return nil, "", err
		}
		files, err := oargen.RenderForeign(d, templates)
		return files, out, err
	}
	const description = "api/oarlock.yaml"
	text, err := os.ReadFile(filepath.Join(root, description))
	if err != nil {
		return nil, "", err
	}
	d, err := oargen.Parse(description, text)
	if err != nil {
		return nil, "", err
	}
	files, err := oargen.Render(d)
	return files, root, err
}
