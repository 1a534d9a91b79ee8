package oargen

import "strings"

// CodeWidth is the ColumnLimit of .clang-format, whose layout the generated C and C++ has by itself.
const CodeWidth = 120

// call lays out `head(args)tail` as clang-format does: in one line if it fits, else filled lines under the parenthesis.
func call(indent, head string, args []string, tail string) string {
	one := indent + head + "(" + strings.Join(args, ", ") + ")" + tail
	if len(one) <= CodeWidth || len(args) == 0 {
		return one
	}
	under := strings.Repeat(" ", len(indent)+len(head)+1)
	var b strings.Builder
	line := indent + head + "("
	for i, arg := range args {
		end := ","
		if i == len(args)-1 {
			end = ")" + tail
		}
		separator := " "
		if i == 0 {
			separator = ""
		}
		if i > 0 && len(line)+len(separator)+len(arg)+len(end) > CodeWidth {
			b.WriteString(line + "\n")
			line, separator = under, ""
		}
		line += separator + arg + end
	}
	b.WriteString(line)
	return b.String()
}

// list lays out a braced list of words after head: one line, or filled lines indented by four.
func list(indent, head string, words []string, tail string) string {
	one := indent + head + "{" + strings.Join(words, ", ") + "}" + tail
	if len(one) <= CodeWidth {
		return one
	}
	return call(indent, head+"{", words, "}"+tail)
}

// block is a function's head with its statements in braces; in one line if there is at most one and it fits.
func block(indent, head string, statements []string) string {
	if len(statements) == 0 {
		return indent + head + " {}"
	}
	one := indent + head + " { " + strings.TrimSpace(statements[0]) + " }"
	if len(statements) == 1 && len(one) <= CodeWidth && !strings.Contains(statements[0], "\n") {
		return one
	}
	return indent + head + " {\n" + strings.Join(statements, "\n") + "\n" + indent + "}"
}

// assign lays out `left head(args);`, left ending with the operator. clang-format breaks behind that where it takes no more
// lines.
func assign(indent, left, head string, args []string) string {
	plain := call(indent, left+" "+head, args, ";")
	broken := indent + left + "\n" + call(indent+"    ", head, args, ";")
	if strings.Contains(plain, "\n") && strings.Count(broken, "\n") <= strings.Count(plain, "\n") {
		return broken
	}
	return plain
}
