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
