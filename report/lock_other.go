//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package report

import (
	"errors"
	"os"
)

func tryLock(*os.File) error { return errors.ErrUnsupported }

func lacksLocks(err error) bool { return errors.Is(err, errors.ErrUnsupported) }
