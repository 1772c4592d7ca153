package report

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/gofrs/flock"
)

// fileMode keeps the files to their owner: usernames are personal data.
const fileMode = 0o600

// ErrLocked means that another run holds the report or the failed-rows file.
var ErrLocked = errors.New("another run holds this file")

// ExistsError means that a file exists which only the caller may decide to replace.
type ExistsError struct{ Path string }

func (e *ExistsError) Error() string { return e.Path + " exists" }

// UnusableError says why a file cannot be continued.
type UnusableError struct {
	Path, Reason string
}

func (e *UnusableError) Error() string { return e.Path + " " + e.Reason }

// lockedFile is a file that this run alone has. The lock is on the file itself
// and ends with the process, so that a dead run holds nobody up and leaves
// nothing to clean away.
type lockedFile struct {
	*os.File
	path string
	lock *flock.Flock
}

// openLocked opens and locks a file. The error is about what is to be done with
// it, or wraps [ErrLocked] when another run has it.
func openLocked(what, path string, flag int) (lockedFile, error) {
	file, err := os.OpenFile(path, flag, fileMode)
	if err != nil {
		return lockedFile{}, fmt.Errorf("%s: %w", what, err)
	}
	f := lockedFile{file, path, flock.New(path, flock.SetFlag(os.O_RDWR), flock.SetPermissions(fileMode))}
	taken, err := f.lock.TryLock()
	switch {
	case err != nil:
		err = fmt.Errorf("lock %s: %w", path, err)
	case !taken:
		err = fmt.Errorf("%w: %s%s", ErrLocked, path, f.holder())
	default:
		return f, nil
	}
	return lockedFile{}, errors.Join(err, file.Close())
}

// Close gives up the lock too.
func (f lockedFile) Close() error {
	return errors.Join(f.lock.Close(), f.File.Close())
}

// openReport opens the report for this run alone. What an existing report has
// in it stays, until everything else is found to be in order. isNew means that
// it was created here.
func openReport(path string, existing bool) (file lockedFile, isNew bool, err error) {
	const what = "open report"
	file, err = openLocked(what, path, os.O_RDWR|os.O_CREATE|os.O_EXCL)
	isNew = err == nil
	if errors.Is(err, fs.ErrExist) {
		file, err = openLocked(what, path, os.O_RDWR)
	}
	// That another run holds it is the better reason, so this one comes last.
	if err == nil && !isNew && !existing {
		return lockedFile{}, false, errors.Join(&ExistsError{Path: path}, file.Close())
	}
	return file, isNew, err
}

// sync brings what was written to the disk, and makes sure that it is where
// somebody will look for it.
func (f lockedFile) sync() error {
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync report: %w", err)
	}
	own, err := f.Stat()
	if err != nil {
		return fmt.Errorf("sync report: %w", err)
	}
	if there, err := os.Stat(f.path); err != nil || !os.SameFile(own, there) {
		return fmt.Errorf("%s was removed or replaced while the run was writing to it", f.path)
	}
	return nil
}

// cutOff takes the last n bytes off a file that was written only in part, so
// that it ends with a whole line.
func (f lockedFile) cutOff(n int64) error {
	if n == 0 {
		return nil
	}
	end, err := f.Seek(-n, io.SeekCurrent)
	if err == nil {
		err = f.Truncate(end)
	}
	if err != nil {
		return fmt.Errorf("cut off torn line: %w", err)
	}
	return nil
}

// syncDirectory makes a new file's name last: without it a file that was
// synced itself can be missing after a power cut.
func syncDirectory(path string) error {
	directory, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	defer directory.Close()
	// Some filesystems have no such thing as the sync of a directory.
	if err := directory.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}
