package live

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// openTerminal returns a terminal of the system that has this number of columns.
func openTerminal(t *testing.T, columns uint16) *os.File {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err) // not every container has one
	}
	t.Cleanup(func() { master.Close() })
	fd := int(master.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: columns, Row: 24}); err != nil {
		t.Fatal(err)
	}
	terminal, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return terminal
}

// TestChooseOnTerminal: a bar needs a width, and a cursor that can be moved.
func TestChooseOnTerminal(t *testing.T) {
	for _, test := range []struct {
		wanted, term string
		columns      uint16
		want         Mode
	}{
		{"auto", "xterm", 80, Bar},
		{"bar", "xterm", 80, Bar},
		{"auto", "", 80, Bar},
		{"auto", "xterm", 20, Bar},
		{"auto", "xterm", 19, Lines},
		{"bar", "xterm", 19, Lines},
		{"auto", "xterm", 0, Lines},
		{"auto", "dumb", 80, Lines},
		{"bar", "dumb", 80, Lines},
		{"lines", "xterm", 80, Lines},
		{"none", "xterm", 80, None},
	} {
		file := openTerminal(t, test.columns)
		mode, terminal := Choose(test.wanted, file, test.term)
		if mode != test.want || (terminal != nil) != (mode == Bar) {
			t.Errorf("%+v: mode %d, terminal %v", test, mode, terminal)
		}
		if terminal != nil && (terminal.Width() != int(test.columns) || !terminal.isOurs()) {
			t.Errorf("%+v: %d columns, ours: %v", test, terminal.Width(), terminal.isOurs())
		}
	}
}
