//go:build unix

package live

import (
	"os"

	"golang.org/x/sys/unix"
)

// inForeground reports whether the shell has given the terminal to this program.
// A terminal that no shell gives away is always ours.
func inForeground(file *os.File) bool {
	group, err := unix.IoctlGetInt(int(file.Fd()), unix.TIOCGPGRP)
	return err != nil || group == unix.Getpgrp()
}
