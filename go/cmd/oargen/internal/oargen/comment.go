package oargen

import "strings"

// CommentWidth is the last column that a comment reaches; code may use two more.
const CommentWidth = 118

// paragraphs splits documentation into what is set as one: a paragraph and an item of a list are filled anew, a line that
// begins with spaces stands as it is.
func paragraphs(doc string) []paragraph {
	var all []paragraph
	open := false
	for _, line := range strings.Split(strings.TrimRight(doc, "\n "), "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "":
			open = false
			all = append(all, paragraph{})
		case strings.HasPrefix(line, "- "):
			open = true
			all = append(all, paragraph{text: strings.TrimPrefix(trimmed, "- "), first: "- ", rest: "  "})
		case strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t"):
			open = false
			all = append(all, paragraph{text: line, verbatim: true})
		case open:
			all[len(all)-1].text += " " + trimmed
		default:
			open = true
			all = append(all, paragraph{text: trimmed})
		}
	}
	return all
}

type paragraph struct {
	text, first, rest string
	verbatim          bool
}

// wrap fills lines up to width columns.
func wrap(doc string, width int) []string {
	var lines []string
	for _, p := range paragraphs(doc) {
		switch {
		case p.verbatim:
			lines = append(lines, p.text)
		case p.text == "":
			lines = append(lines, "")
		default:
			lines = append(lines, fill(p, width)...)
		}
	}
	return lines
}

func fill(p paragraph, width int) []string {
	var lines []string
	line := p.first
	empty := true
	for _, word := range strings.Fields(p.text) {
		if !empty && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line, empty = p.rest, true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	return append(lines, line)
}

// hang fills text whose first line begins with label; the other lines stand under what follows it.
func hang(label, text string, width int) []string {
	flat := strings.Join(strings.Fields(text), " ")
	return fill(paragraph{text: flat, first: label, rest: strings.Repeat(" ", len(label))}, width)
}

// cComment is a C comment, each line of it indented.
func cComment(indent string, lines []string) string {
	if len(lines) == 1 && len(indent)+len(lines[0])+7 <= CommentWidth {
		return indent + "/** " + lines[0] + " */\n"
	}
	var b strings.Builder
	for i, line := range lines {
		lead := " * "
		if i == 0 {
			lead = "/** "
		}
		b.WriteString(strings.TrimRight(indent+lead+line, " ") + "\n")
	}
	b.WriteString(indent + " */\n")
	return b.String()
}

// sentence gives a text its full stop, and its capital.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	if !strings.ContainsAny(text[len(text)-1:], ".:;!?`") {
		text += "."
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
