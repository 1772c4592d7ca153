//go:build unix

package atomicfile

import (
	"io/fs"
	"os"
	"syscall"
)

// Flags of [os.OpenFile]. NoBlock keeps the opening of a pipe from waiting for its other
// end, deaf to signals; it changes nothing for a regular file. With NoFollow a link is
// not opened.
const (
	NoBlock  = syscall.O_NONBLOCK
	NoFollow = syscall.O_NOFOLLOW
)

const hasDirectorySync = true

// IsPrivate reports whether a file is its owner's alone, as those are that are made here.
func IsPrivate(info fs.FileInfo) bool { return info.Mode().Perm() == fileMode }

// IsShared reports whether a file belongs to another user, or has another name
// under which somebody may want it.
func IsShared(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && (stat.Nlink > 1 || int(stat.Uid) != os.Geteuid())
}
