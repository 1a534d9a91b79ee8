package oargen

import (
	"fmt"
	"strings"
)

// What the short words of `until` stand for; other texts stand for themselves.
var untilWords = map[string]string{
	"return":  "the call returns",
	"close":   "the object is destroyed",
	"run_end": "the run has ended",
	"release": "its release callback is called",
}

func (v *Value) untilText() string {
	if words, ok := untilWords[v.Until]; ok {
		return words
	}
	return v.Until
}

// DirText is "out" or "in,out", empty for what only goes in.
func (v *Value) DirText() string {
	switch v.Dir {
	case "out":
		return "out"
	case "inout":
		return "in,out"
	}
	return ""
}

// Note says in words what the type cannot: how many, whether NULL is legal, whose it is and until when.
func (v *Value) Note() string {
	var notes []string
	if v.Len != "" {
		notes = append(notes, fmt.Sprintf("Array of `%s`.", v.Len))
	}
	switch {
	case v.Nullable && v.Kind == KindObject && v.Pointer == "" && !strings.Contains(v.Doc, "Zero"):
		notes = append(notes, "May be zero.")
	case v.Nullable && !strings.Contains(v.Doc, "NULL"):
		notes = append(notes, "May be NULL.")
	}
	if text := v.OwnershipText(); text != "" {
		notes = append(notes, text)
	}
	return strings.Join(notes, " ")
}

// OwnershipText is empty where the rule of the whole API holds: borrowed for the length of the call.
func (v *Value) OwnershipText() string {
	switch {
	case v.Ownership == "retain":
		return "Kept until " + v.untilText() + "."
	case v.Ownership == "take":
		return "Becomes the library's."
	case v.Ownership == "give":
		return "Becomes the caller's."
	case v.Until == "forever":
		return "Valid forever."
	case v.Until != "" && (v.Field || v.Out()):
		return "Valid until " + v.untilText() + "."
	case v.Until != "":
		return "Borrowed until " + v.untilText() + "."
	}
	return ""
}

// FullDoc is the doc with the note.
func (v *Value) FullDoc() string {
	return strings.TrimSpace(sentence(v.Doc) + " " + v.Note())
}

// ThreadText says the thread rule in words.
func (f *Function) ThreadText() string {
	text := map[string]string{
		"any":   "any.",
		"owner": "owner, one at a time for one handle.",
		"init":  "init, before all other threads use the library.",
	}[f.ThreadSafety]
	if f.Blocking {
		text += " Blocks."
	}
	if f.AfterFork {
		text += " Also in a forked child."
	}
	return text
}

// ErrorPrefix is what an enumerator of the codes begins with.
func (f *Function) ErrorPrefix() string {
	if code, ok := f.desc.symbols[f.desc.Prefix+"code"].of.(*Enum); ok {
		return code.Prefix
	}
	return ""
}

// Comment is the comment over the function's declaration.
func (f *Function) Comment() string {
	width := CommentWidth - 3
	lines := wrap(f.Doc, width)
	if len(f.Args) > 0 {
		lines = append(lines, "")
		lines = append(lines, paramLines(f.Args, width)...)
	}
	lines = append(lines, "")
	lines = append(lines, hang("Threads: ", f.ThreadText(), width)...)
	label := "Errors:  "
	for _, e := range f.Errors {
		lines = append(lines, hang(label, f.ErrorPrefix()+e.Code+": "+strings.TrimRight(e.When, "."), width)...)
		label = "         "
	}
	if f.Deprecated != "" {
		lines = append(lines, hang("Deprecated: ", sentence(f.Deprecated), width)...)
	}
	lines = append(lines, "Since:   "+f.Since)
	return cComment("", lines)
}

func paramLines(args []*Value, width int) []string {
	label := func(v *Value) string {
		if v.DirText() != "" {
			return "@param[" + v.DirText() + "] " + v.Name
		}
		return "@param " + v.Name
	}
	longest := 0
	for _, arg := range args {
		if n := len(label(arg)); n > longest {
			longest = n
		}
	}
	var lines []string
	for _, arg := range args {
		lines = append(lines, hang(fmt.Sprintf("%-*s  ", longest, label(arg)), arg.FullDoc(), width)...)
	}
	return lines
}

// Comment is the comment over a callback's type.
func (c *Callback) Comment() string {
	width := CommentWidth - 3
	lines := append(wrap(c.Doc, width), "")
	return cComment("", append(lines, paramLines(c.Args, width)...))
}

// Docs are lines of comment for anything that has only a doc.
func docComment(indent, doc string) string {
	return cComment(indent, wrap(doc, CommentWidth-3-len(indent)))
}
