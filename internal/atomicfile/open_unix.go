//go:build unix

package atomicfile

import "syscall"

// noBlock keeps the opening of a pipe from waiting for its other end, deaf to
// signals.
const noBlock = syscall.O_NONBLOCK

const hasDirectorySync = true
