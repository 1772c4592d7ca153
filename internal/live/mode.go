package live

import (
	"io"
	"os"
)

// Mode is how something is shown.
type Mode int

// The modes. None shows nothing.
const (
	None Mode = iota
	Lines
	Bar
)

// leastWidth is how many columns a bar needs.
const leastWidth = 20

// Choose returns the mode that somebody asked for, as far as it is possible, and
// the terminal for a bar. wanted is auto, bar, lines or none. A bar needs a
// terminal that can move its cursor, with a width that is known and not too
// small; where there is none, there are lines. term is the value of TERM.
func Choose(wanted string, out io.Writer, term string) (Mode, *Terminal) {
	switch wanted {
	case "none":
		return None, nil
	case "lines":
		return Lines, nil
	}
	if file, ok := out.(*os.File); ok && term != "dumb" {
		if terminal := terminalOf(file); terminal != nil && terminal.Width() >= leastWidth {
			return Bar, terminal
		}
	}
	return Lines, nil
}
