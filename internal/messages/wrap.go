package messages

import (
	"strings"

	"github.com/mattn/go-runewidth"
)

// Wrap breaks a line between words into rows of at most width columns, 0 for
// any number. All rows but the first are indented. A word that is longer than a
// row stays in one piece, and so does a line where the indent leaves no room.
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
		default:
			rows.WriteString("\n" + strings.Repeat(" ", indent))
			used = indent
		}
		rows.WriteString(word)
		used += columns
	}
	return rows.String()
}
