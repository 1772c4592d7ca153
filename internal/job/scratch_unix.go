//go:build unix

package job

import (
	"io/fs"
	"os"
	"syscall"
)

// isOwn reports whether a directory is this user's, and nobody else may look into it.
func isOwn(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid() && info.Mode().Perm()&0o077 == 0
}
