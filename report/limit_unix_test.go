//go:build darwin || linux || netbsd || openbsd

package report_test

import "syscall"

// limitFiles limits the length of the files that this process writes.
func limitFiles(bytes uint64) error {
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: bytes})
}
