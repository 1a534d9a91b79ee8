package oargen

import (
	"fmt"
	"strings"
)

// Lines of one file that a difference shows; the rest is only counted.
const diffLinesMax = 40

// diff shows what changes between the first and the last line that differ. That is coarser than a true diff and enough to
// see which entry of the description was changed.
func diff(path, old, new string) string {
	before, after := strings.Split(old, "\n"), strings.Split(new, "\n")
	head := 0
	for head < len(before) && head < len(after) && before[head] == after[head] {
		head++
	}
	tail := 0
	for tail < len(before)-head && tail < len(after)-head && before[len(before)-1-tail] == after[len(after)-1-tail] {
		tail++
	}
	before, after = before[head:len(before)-tail], after[head:len(after)-tail]
	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ %s (as the description has it)\n@@ -%d,%d +%d,%d @@\n", path, path, head+1, len(before),
		head+1, len(after))
	side(&b, "-", before)
	side(&b, "+", after)
	return b.String()
}

func side(b *strings.Builder, sign string, lines []string) {
	for i, line := range lines {
		if i == diffLinesMax {
			fmt.Fprintf(b, "%s... and %d more lines\n", sign, len(lines)-i)
			return
		}
		b.WriteString(sign + line + "\n")
	}
}
