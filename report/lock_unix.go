//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package report

import (
	"errors"
	"os"
	"syscall"
)

// tryLock locks an open file. The lock is on this descriptor, not on one of its
// own as with libraries for it: a run may have few to spare, and what is locked
// must be what is written, whatever becomes of the path. It ends with the
// process, so that a dead run holds nobody up and leaves nothing to clean away.
func tryLock(file *os.File) error {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errHeld
		default:
			return err
		}
	}
}

// lacksLocks tells a file system without locks from one that fails: NFS without
// its lock daemon, CIFS, FUSE.
func lacksLocks(err error) bool {
	return errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.EINVAL)
}
