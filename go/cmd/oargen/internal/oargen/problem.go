package oargen

import (
	"fmt"
	"sort"
	"strings"
)

// Problem is one reason to refuse a description.
type Problem struct {
	Line   int
	Symbol string // "function oar_tensor_slice: argument dims"
	Text   string // what is wrong, and what would be right
}

// Problems is every reason at once, in the order of the file.
type Problems struct {
	Path string
	List []Problem
}

func (p *Problems) add(line int, symbol, format string, args ...interface{}) {
	p.List = append(p.List, Problem{line, symbol, fmt.Sprintf(format, args...)})
}

func (p *Problems) err() error {
	if len(p.List) == 0 {
		return nil
	}
	sort.SliceStable(p.List, func(i, j int) bool { return p.List[i].Line < p.List[j].Line })
	return p
}

func (p *Problems) Error() string {
	lines := make([]string, len(p.List))
	for i, problem := range p.List {
		symbol := problem.Symbol
		if symbol != "" {
			symbol += ": "
		}
		lines[i] = fmt.Sprintf("%s:%d: %s%s", p.Path, problem.Line, symbol, problem.Text)
	}
	return strings.Join(lines, "\n")
}
