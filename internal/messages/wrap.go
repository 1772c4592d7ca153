package messages

import (
	"strings"

	"github.com/mattn/go-runewidth"
)

// Wrap breaks a line between words into rows of at most width columns, 0 for
// any number. All rows but the first are indented, unless a word would not fit then: a
// word stays in one piece, and the terminal breaks a long one at the left edge. A line
// where the indent leaves no room stays in one piece, too.
func Wrap(line string, indent, width int) string {
	measure := runewidth.Condition{}
	if width <= 2*indent || measure.StringWidth(line) <= width {
		return line
	}
	var rows strings.Builder
	used := 0
	for i, word := range strings.Split(line, " ") {
		columns := measure.StringWidth(word)
		switch {
		case i == 0:
		case used+1+columns <= width || used <= indent:
			rows.WriteByte(' ')
			used++
		case indent+columns > width:
			rows.WriteByte('\n')
			used = 0
		default:
			rows.WriteString("\n" + strings.Repeat(" ", indent))
			used = indent
		}
		rows.WriteString(word)
		used += columns
	}
	return rows.String()
}
