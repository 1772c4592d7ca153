package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// fileMode keeps the files to their owner: usernames are personal data.
const fileMode = 0o600

// ErrLocked says that another run holds the report.
var ErrLocked = errors.New("another run holds this report")

// ExistsError says that a file is in the way which only the caller may decide about.
type ExistsError struct{ Path string }

func (e *ExistsError) Error() string { return e.Path + " exists" }

// openReport opens the report for this run alone. The lock is on the report
// itself and ends with the process, so that a dead run holds nobody up and
// leaves nothing to clean away. What an existing report has in it stays, until
// everything else is found to be in order. isNew says that it was made here.
func openReport(path string, overwrite bool) (file *os.File, lock *flock.Flock, isNew bool, err error) {
	file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, fileMode)
	isNew = err == nil
	if errors.Is(err, fs.ErrExist) {
		if !overwrite {
			return nil, nil, false, &ExistsError{Path: path}
		}
		file, err = os.OpenFile(path, os.O_RDWR, fileMode)
	}
	if err != nil {
		return nil, nil, false, fmt.Errorf("open report: %w", err)
	}
	if lock, err = takeLock(path); err != nil {
		return nil, nil, false, errors.Join(err, file.Close())
	}
	return file, lock, isNew, nil
}

func takeLock(path string) (*flock.Flock, error) {
	lock := flock.New(path, flock.SetFlag(os.O_RDWR), flock.SetPermissions(fileMode))
	taken, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock report: %w", err)
	}
	if !taken {
		return nil, fmt.Errorf("%w: %s", ErrLocked, path)
	}
	return lock, nil
}

// syncDirectory makes a new file's name last: without it a file that was
// synced itself can be missing after a power cut.
func syncDirectory(path string) error {
	directory, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	defer directory.Close()
	if err := directory.Sync(); err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}
