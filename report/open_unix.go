//go:build unix

package report

import (
	"io/fs"
	"syscall"
)

const (
	// noBlock keeps the opening of a pipe from waiting for its other end, deaf
	// to signals. It changes nothing for a regular file.
	noBlock  = syscall.O_NONBLOCK
	noFollow = syscall.O_NOFOLLOW
)

// renamesOpenFiles: a file may be renamed or removed while it is open.
const renamesOpenFiles = true

// isPrivate reports whether a file is its owner's alone.
func isPrivate(info fs.FileInfo) bool { return info.Mode().Perm() == fileMode }
