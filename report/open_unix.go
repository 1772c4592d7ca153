//go:build unix

package report

import (
	"io/fs"
	"os"
	"syscall"
)

// renamesOpenFiles: a file may be renamed or removed while it is open.
const renamesOpenFiles = true

// isPrivate reports whether a file is its owner's alone.
func isPrivate(info fs.FileInfo) bool { return info.Mode().Perm() == fileMode }

// isShared reports whether a file belongs to another user, or has another name
// under which somebody may want it.
func isShared(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && (stat.Nlink > 1 || int(stat.Uid) != os.Geteuid())
}
