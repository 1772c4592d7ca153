//go:build unix

package atomicfile

import "syscall"

// Flags of [os.OpenFile]. NoBlock keeps the opening of a pipe from waiting for its other
// end, deaf to signals; it changes nothing for a regular file. With NoFollow a link is
// not opened.
const (
	NoBlock  = syscall.O_NONBLOCK
	NoFollow = syscall.O_NOFOLLOW
)

const hasDirectorySync = true
