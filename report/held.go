package report

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"cognito-confirm/internal/atomicfile"
)

// ErrLocked means that another run holds the report or another of its files.
var ErrLocked = errors.New("another run holds this file")

// ExistsError means that a file exists which only the caller may decide to replace.
type ExistsError struct {
	Path string
	// IsReport: it is the report, which a run could continue.
	IsReport bool
}

func (e *ExistsError) Error() string { return e.Path + " exists" }

// UnusableError tells why a file cannot be continued.
type UnusableError struct {
	Path, Reason string
	// Damaged are the lines of a report that cannot be read, the first
	// thousand of them. [Repair] keeps the others. Empty: the file is not a report.
	Damaged []int
	// IsHeaderless: it is a file whose first line is not that of a report. [Repair] keeps
	// the others if they are lines of one.
	IsHeaderless bool
}

func (e *UnusableError) Error() string { return e.Path + " " + e.Reason }

// ChangedError means that somebody else cut off, wrote to, removed or replaced
// a file while the run was writing to it. The run stops: what it would write
// there would be lost, or mixed with what is not its own.
type ChangedError struct {
	Path, Reason string
}

func (e *ChangedError) Error() string {
	return fmt.Sprintf("%s %s while the run was writing to it", e.Path, e.Reason)
}

// heldFile is a file that this run alone has open and locked, and knows the
// length of.
type heldFile struct {
	file *os.File
	path string // as messages name it
	disk *disk
	// isMade: it was created here. isBlank: it was, or a run left it that was
	// killed before it wrote anything.
	isMade, isBlank bool
	size            int64 // what this run knows to be in it; the next write goes there
	// followsLinks: the path may be a link to the file.
	followsLinks bool
}

// hold opens a file, or creates it, and locks it. What is in it stays as it is.
// doing is the operation that errors name; the error wraps [ErrLocked] when
// another run has the file. Links are followed on request only, and only to a
// file that exists.
func (d *disk) hold(doing, path string, followLinks bool) (*heldFile, error) {
	for {
		h := &heldFile{path: path, disk: d, followsLinks: followLinks}
		err := h.open()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", doing, err)
		}
		err = d.lock(h.file, path)
		if errors.Is(err, errHeld) {
			// Whoever has the lock has the file as well, even when it was made here.
			err = fmt.Errorf("%w: %s%s", ErrLocked, path, holder(h.file))
			return nil, errors.Join(err, h.file.Close())
		}
		if err != nil {
			return nil, errors.Join(err, h.discard())
		}
		if err := h.checkPlace(); err != nil {
			// The run that had it has just removed or replaced it.
			if _, isChanged := errors.AsType[*ChangedError](err); isChanged {
				if err := h.file.Close(); err != nil {
					return nil, fmt.Errorf("%s: %w", doing, err)
				}
				continue
			}
			return nil, errors.Join(fmt.Errorf("%s: %w", doing, err), h.file.Close())
		}
		return h, nil
	}
}

func (h *heldFile) open() (err error) {
	h.file, err = os.OpenFile(h.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, fileMode)
	if err == nil {
		h.isMade, h.isBlank = true, true
		return nil
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	flag := 0
	if !h.followsLinks {
		flag = atomicfile.NoFollow
	}
	info, err := h.look()
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(h.path); errors.Is(err, fs.ErrNotExist) {
			return h.open() // another run has just removed it
		}
	}
	if err != nil {
		return err
	}
	// To open a device can have effects of its own, so this is looked at first.
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", h.path)
	}
	if h.file, err = os.OpenFile(h.path, os.O_RDWR|atomicfile.NoBlock|flag, 0); err != nil {
		return err
	}
	if info, err = h.file.Stat(); err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", h.path)
	}
	if err != nil {
		return errors.Join(err, h.file.Close())
	}
	// An empty file that somebody else made is theirs.
	h.size = info.Size()
	h.isBlank = h.size == 0 && atomicfile.IsPrivate(info) && !atomicfile.IsShared(info)
	return nil
}

// look returns what is at the path.
func (h *heldFile) look() (fs.FileInfo, error) {
	if h.followsLinks {
		return os.Stat(h.path)
	}
	return os.Lstat(h.path)
}

// temporary creates a file that is to take the place of path.
func (d *disk) temporary(path string) (*heldFile, error) {
	file, err := atomicfile.Temporary(path)
	if err != nil {
		return nil, err
	}
	h := &heldFile{file: file, path: file.Name(), disk: d, isMade: true}
	if err := d.tryLock(file); err != nil && !lacksLocks(err) {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", h.path, err), h.discard())
	}
	return h, nil
}

// truncate cuts a file to what is to be kept of it, and is where the next write
// goes from then on.
func (h *heldFile) truncate(size int64) error {
	if err := h.file.Truncate(size); err != nil {
		return h.named(err)
	}
	_, err := h.file.Seek(size, io.SeekStart)
	h.size = size
	return h.named(err)
}

// empty makes the file an empty one, of this user alone. What somebody else owns,
// or wants under another name, stays as it is, and a new file takes its place.
func (h *heldFile) empty() error {
	info, err := h.file.Stat()
	if err != nil {
		return h.named(err)
	}
	if atomicfile.IsShared(info) {
		fresh, err := h.disk.temporary(h.realPath())
		if err == nil {
			return h.replace(fresh)
		}
		// In another user's directory no new file can be made: this one is emptied.
		if !errors.Is(err, fs.ErrPermission) {
			return err
		}
	}
	if err := h.truncate(0); err != nil {
		return err
	}
	h.disk.keepPrivate(h.file, h.path)
	return nil
}

// realPath is where the file is, links followed.
func (h *heldFile) realPath() string {
	if !h.followsLinks {
		return h.path
	}
	if path, err := filepath.EvalSymlinks(h.path); err == nil {
		return path
	}
	return h.path
}

// named puts the name that the file has now in the place of that by which it
// was opened.
func (h *heldFile) named(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return &fs.PathError{Op: path.Op, Path: h.path, Err: path.Err}
	}
	return err
}

// Write appends to the file, if it still is as long as this run has left it.
func (h *heldFile) Write(text []byte) (int, error) {
	info, err := h.file.Stat()
	if err != nil {
		return 0, err
	}
	if err := h.checkSize(info); err != nil {
		return 0, err
	}
	n, err := h.file.Write(text)
	h.size += int64(n)
	return n, h.named(err)
}

// cutOff takes the last n bytes off a file that was written only in part, so
// that it ends with a whole line.
func (h *heldFile) cutOff(n int64) error {
	if n == 0 {
		return nil
	}
	if err := h.truncate(h.size - n); err != nil {
		return fmt.Errorf("cut off torn line: %w", err)
	}
	return nil
}

// check returns a [*ChangedError] when the file is not what this run has
// written, or not where somebody will look for it.
func (h *heldFile) check() error {
	info, err := h.file.Stat()
	if err == nil {
		err = h.checkSize(info)
	}
	if err == nil {
		err = h.checkPlace()
	}
	if _, isChanged := errors.AsType[*ChangedError](err); err == nil || isChanged {
		return err
	}
	return fmt.Errorf("check %s: %w", h.path, err)
}

func (h *heldFile) checkSize(info fs.FileInfo) error {
	switch size := info.Size(); {
	case !info.Mode().IsRegular() || size == h.size:
		return nil
	case size < h.size:
		return &ChangedError{h.path, fmt.Sprintf("was cut off, to %d of %d bytes,", size, h.size)}
	default:
		return &ChangedError{h.path, fmt.Sprintf("was written to by somebody else, %d bytes,", size-h.size)}
	}
}

func (h *heldFile) checkPlace() error {
	own, err := h.file.Stat()
	if err != nil {
		return err
	}
	there, err := h.look()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &ChangedError{h.path, "was removed"}
	case err != nil:
		return err // that tells nothing of the file
	case !os.SameFile(own, there):
		return &ChangedError{h.path, "was replaced"}
	}
	return nil
}

// sync brings what was written to the disk.
func (h *heldFile) sync() error {
	return h.named(h.file.Sync())
}

// replace puts fresh, which is complete, in the place of the file and goes on
// with it. Both stay locked, so that no other run comes between.
func (h *heldFile) replace(fresh *heldFile) error {
	path := h.realPath() // a link stays, and the file that it leads to is replaced
	if !renamesOpenFiles {
		if err := errors.Join(h.file.Close(), fresh.file.Close()); err != nil {
			return err
		}
	}
	if err := os.Rename(fresh.path, path); err != nil {
		return err
	}
	if renamesOpenFiles {
		old := h.file
		h.file, h.size = fresh.file, fresh.size
		return old.Close()
	}
	return h.reopen(path, fresh.size)
}

// reopen is what a system needs whose files are closed to be renamed.
func (h *heldFile) reopen(path string, size int64) (err error) {
	if h.file, err = os.OpenFile(path, os.O_RDWR, 0); err != nil {
		return err
	}
	h.size = size
	if err := h.disk.lock(h.file, path); err != nil {
		return err
	}
	_, err = h.file.Seek(size, io.SeekStart)
	return err
}

// discard closes the file, and removes it when it was created here.
func (h *heldFile) discard() error {
	if !h.isMade {
		return h.file.Close()
	}
	return h.remove()
}

// remove closes and removes the file. Somebody else's that has taken its place
// stays.
func (h *heldFile) remove() error {
	isOurs := h.checkPlace() == nil
	switch {
	case !isOurs:
		return h.file.Close()
	case renamesOpenFiles:
		// Before it is closed: nobody gets the lock on a file that goes away.
		return errors.Join(os.Remove(h.path), h.file.Close())
	default:
		return errors.Join(h.file.Close(), os.Remove(h.path))
	}
}
