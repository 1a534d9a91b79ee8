package oargen

import "strings"

// mdText is documentation as Markdown has it: filled paragraphs, code by its indent.
func mdText(doc string) string {
	return strings.Join(wrap(doc, CommentWidth), "\n")
}

// mdCell is documentation within a table.
func mdCell(doc string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(doc), " "), "|", "\\|")
}

// firstSentence is enough for an index.
func firstSentence(doc string) string {
	flat := strings.Join(strings.Fields(doc), " ")
	if end := strings.Index(flat, ". "); end >= 0 {
		return flat[:end+1]
	}
	return flat
}

// Prototype is the function without the marks that only a compiler needs.
func (f *Function) Prototype() string {
	params := f.Params()
	if len(params) == 0 {
		params = []string{"void"}
	}
	return call("", spaced(f.ResultType())+f.Name, params, ";")
}

// OwnershipCell says whose the memory is, in one or two words, for a table of arguments.
func (v *Value) OwnershipCell() string {
	words := map[string]string{"borrow": "borrowed", "retain": "kept", "take": "taken", "give": "given"}[v.Ownership]
	if v.Field && v.Pointer == "" || v.Ownership == "" && v.Until == "" {
		return ""
	}
	if v.Until == "forever" {
		return "valid forever"
	}
	if until := v.untilText(); until != "" {
		if words == "" || v.Out() {
			words = "valid"
		}
		words += " until " + until
	}
	return words
}

// DocCell is the doc, and what a caller has to know about length and NULL.
func (v *Value) DocCell() string {
	text := sentence(v.Doc)
	if v.Len != "" {
		text += " `" + v.Len + "` elements."
	}
	if v.Nullable && v.IsAddress() && !strings.Contains(v.Doc, "NULL") {
		text += " May be NULL."
	}
	return mdCell(text)
}

// Page is the file of the manual that tells about a section.
func (s *Section) Page() string { return s.Name + ".md" }

// CodeEnum is the enum of what a call can answer; nil if the library has none.
func (d *Description) CodeEnum() *Enum {
	e, _ := d.symbols[d.Prefix+"code"].of.(*Enum)
	return e
}

// flat is documentation in one line.
func flat(doc string) string { return strings.Join(strings.Fields(doc), " ") }
