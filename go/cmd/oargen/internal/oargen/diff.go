package oargen

import (
	"fmt"
	"strings"
)

const (
	diffLinesMax = 60        // shown of one file
	diffCellsMax = 4_000_000 // of the table that finds common lines; larger changes are shown as one
)

// diff shows how old becomes new: lines with - and +, and where they stand.
func diff(path, old, new string) string {
	before, after := strings.Split(old, "\n"), strings.Split(new, "\n")
	head, tail := common(before, after)
	changes := changesOf(before[head:len(before)-tail], after[head:len(after)-tail])
	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ %s (as the description has it)\n", path, path)
	last := -2
	shown := 0
	for _, c := range changes {
		if shown++; shown > diffLinesMax {
			fmt.Fprintf(&b, "... and %d more lines\n", len(changes)-diffLinesMax)
			break
		}
		if c.after != last && c.after != last+1 {
			fmt.Fprintf(&b, "@@ line %d @@\n", head+c.after+1)
		}
		last = c.after
		b.WriteString(c.sign + c.line + "\n")
	}
	return b.String()
}

// common counts the lines that both begin with and both end with.
func common(before, after []string) (head, tail int) {
	for head < len(before) && head < len(after) && before[head] == after[head] {
		head++
	}
	for tail < len(before)-head && tail < len(after)-head && before[len(before)-1-tail] == after[len(after)-1-tail] {
		tail++
	}
	return head, tail
}

// change is one line that goes (-) or comes (+); after is where that is in the new text.
type change struct {
	sign, line string
	after      int
}

func changesOf(before, after []string) []change {
	var changes []change
	lengths := longest(before, after)
	i, j := 0, 0
	for i < len(before) || j < len(after) {
		switch {
		case lengths != nil && i < len(before) && j < len(after) && before[i] == after[j]:
			i, j = i+1, j+1
		case i < len(before) && (j == len(after) || lengths == nil || lengths[i+1][j] >= lengths[i][j+1]):
			changes = append(changes, change{"-", before[i], j})
			i++
		default:
			changes = append(changes, change{"+", after[j], j})
			j++
		}
	}
	return changes
}

// longest is the table of the longest common subsequences of all ends; nil where it would be too large.
func longest(before, after []string) [][]int32 {
	if (len(before)+1)*(len(after)+1) > diffCellsMax {
		return nil
	}
	lengths := make([][]int32, len(before)+1)
	for i := range lengths {
		lengths[i] = make([]int32, len(after)+1)
	}
	for i := len(before) - 1; i >= 0; i-- {
		for j := len(after) - 1; j >= 0; j-- {
			switch {
			case before[i] == after[j]:
				lengths[i][j] = lengths[i+1][j+1] + 1
			case lengths[i+1][j] >= lengths[i][j+1]:
				lengths[i][j] = lengths[i+1][j]
			default:
				lengths[i][j] = lengths[i][j+1]
			}
		}
	}
	return lengths
}
