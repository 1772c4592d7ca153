package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/gofrs/flock"
)

// fileMode keeps the files to their owner: usernames are personal data.
const fileMode = 0o600

// ErrLocked says that another run holds the report or the failed-rows file.
var ErrLocked = errors.New("another run holds this file")

// ExistsError says that a file is in the way which only the caller may decide about.
type ExistsError struct{ Path string }

func (e *ExistsError) Error() string { return e.Path + " exists" }

// outFile is a file that a run writes.
type outFile struct {
	*os.File
	path string
}

// openReport opens the report for this run alone. The lock is on the report
// itself and ends with the process, so that a dead run holds nobody up and
// leaves nothing to clean away. What an existing report has in it stays, until
// everything else is found to be in order. isNew says that it was made here.
func openReport(path string, existing bool) (file outFile, lock *flock.Flock, isNew bool, err error) {
	file.path = path
	file.File, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, fileMode)
	isNew = err == nil
	if errors.Is(err, fs.ErrExist) {
		file.File, err = os.OpenFile(path, os.O_RDWR, fileMode)
	}
	if err != nil {
		return outFile{}, nil, false, fmt.Errorf("open report: %w", err)
	}
	// Whoever holds it is the better reason than that it exists.
	if lock, err = file.lock(); err == nil && !isNew && !existing {
		err = errors.Join(&ExistsError{Path: path}, lock.Close())
	}
	if err != nil {
		return outFile{}, nil, false, errors.Join(err, file.Close())
	}
	return file, lock, isNew, nil
}

func (f outFile) lock() (*flock.Flock, error) {
	lock := flock.New(f.path, flock.SetFlag(os.O_RDWR), flock.SetPermissions(fileMode))
	taken, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", f.path, err)
	}
	if !taken {
		return nil, fmt.Errorf("%w: %s%s", ErrLocked, f.path, f.holder())
	}
	return lock, nil
}

// sync brings what was written to the disk, and makes sure that it is where
// somebody will look for it.
func (f outFile) sync() error {
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
