package progress

import (
	"strings"

	"github.com/mattn/go-runewidth"
)

// part is a part of a line.
type part struct {
	// rank is how important the part is: 0 is what the line is for. Of several
	// with one rank, the last goes first.
	rank int
	// lead separates the part from the one before it.
	lead string
	// forms are ways to word it, the longest first. A part without any, or whose
	// first is empty, is left out.
	forms []string
}

// said returns a part in one or more forms.
func said(rank int, lead string, forms ...string) part { return part{rank, lead, forms} }

// fit joins the parts to a line of at most width columns. The least important
// part is shortened and then dropped until the rest fits; the last one is cut.
func fit(width int, parts ...part) string {
	var left []part
	for _, p := range parts {
		if len(p.forms) > 0 && p.forms[0] != "" {
			left = append(left, p)
		}
	}
	for {
		line := join(left)
		if columns(line) <= width {
			return line
		}
		least := leastImportant(left)
		switch {
		case len(left[least].forms) > 1:
			left[least].forms = left[least].forms[1:]
		case len(left) > 1:
			left = append(left[:least], left[least+1:]...)
		default:
			return cells().Truncate(line, width, "…")
		}
	}
}

func join(parts []part) string {
	var line strings.Builder
	for i, p := range parts {
		if i > 0 {
			line.WriteString(p.lead)
		}
		line.WriteString(p.forms[0])
	}
	return line.String()
}

func leastImportant(parts []part) int {
	least := 0
	for i, p := range parts {
		if p.rank >= parts[least].rank {
			least = i
		}
	}
	return least
}

// columns is how many columns of a terminal a text takes.
func columns(text string) int { return cells().StringWidth(text) }

// cells measures texts, whatever the locale is.
func cells() *runewidth.Condition { return &runewidth.Condition{} }
