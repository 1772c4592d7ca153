//go:build unix

package events

import "syscall"

const (
	// noBlock keeps the opening of a pipe from waiting for its other end, deaf
	// to signals. It changes nothing for a regular file.
	noBlock  = syscall.O_NONBLOCK
	noFollow = syscall.O_NOFOLLOW
)
