package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"cognito-confirm/internal/atomicfile"
)

// fileMode keeps the files to their owner: usernames are personal data.
const fileMode = 0o600

// disk is what a file system may not have: locks, modes and the sync of a
// directory. A run goes on without them and warns of what it lacks: refusing
// would leave people without any way to use CIFS, FUSE or an NFS without locks.
type disk struct {
	// tryLock locks a file for this process alone, or returns errHeld.
	tryLock       func(*os.File) error
	chmod         func(*os.File, fs.FileMode) error
	syncDirectory func(path string) error
	warnings      []string
	isLockless    bool // a lock could not be taken
}

func newDisk() *disk {
	return &disk{tryLock: tryLock, chmod: (*os.File).Chmod, syncDirectory: atomicfile.SyncDirectory}
}

// errHeld is what tryLock returns when another process has the lock.
var errHeld = errors.New("locked")

// warn notes a warning once.
func (d *disk) warn(format string, args ...any) {
	if warning := fmt.Sprintf(format, args...); !slices.Contains(d.warnings, warning) {
		d.warnings = append(d.warnings, warning)
	}
}

// lock locks a file. The error is errHeld, or tells what went wrong.
func (d *disk) lock(file *os.File, path string) error {
	err := d.tryLock(file)
	if err == nil || errors.Is(err, errHeld) {
		return err
	}
	if !lacksLocks(err) {
		return fmt.Errorf("lock %s: %w", path, err)
	}
	d.isLockless = true
	d.warn("%s cannot be locked where it is (%v): make sure that no other run writes to it", path, err)
	return nil
}

// keepPrivate takes a file away from everybody but its owner.
func (d *disk) keepPrivate(file *os.File, path string) {
	if info, err := file.Stat(); err == nil && atomicfile.IsPrivate(info) {
		return
	}
	if err := d.chmod(file, fileMode); err != nil {
		d.warn("%s cannot be kept to its owner (%v): others may be able to read the usernames in it", path, err)
	}
}

// syncNames makes the names of new files last.
func (d *disk) syncNames(paths ...string) error {
	synced := make(map[string]bool)
	for _, path := range paths {
		if synced[filepath.Dir(path)] {
			continue
		}
		synced[filepath.Dir(path)] = true
		err := d.syncDirectory(path)
		if err != nil && !lacksDirectorySync(err) {
			return err
		}
		if err != nil {
			d.warn("the directory of %s cannot be synced (%v): after a power cut the file may be missing", path, err)
		}
	}
	return nil
}

// lacksDirectorySync tells a file system that cannot do it, or a directory that
// may not be read, from a disk that fails.
func lacksDirectorySync(err error) bool {
	return errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) ||
		errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.EBADF)
}
