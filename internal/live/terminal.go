package live

import (
	"os"

	"github.com/vbauerster/cupwriter"
)

// Terminal is what a bar is drawn on.
type Terminal struct {
	// size returns its columns and rows.
	size func() (width, height int, err error)
	// isOurs reports whether this program may draw on it now: not while a shell
	// runs it in the background.
	isOurs func() bool
}

// terminalOf returns the terminal that a file is, or nil.
func terminalOf(file *os.File) *Terminal {
	terminal := cupwriter.New(file, false)
	if !terminal.IsTerminal() {
		return nil
	}
	return &Terminal{size: terminal.GetTermSize, isOurs: func() bool { return inForeground(file) }}
}

// Width returns the columns of the terminal, 0 when that is not known.
func (t *Terminal) Width() int {
	width, _, err := t.size()
	if err != nil {
		return 0
	}
	return width
}
