package events

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"cognito-confirm/internal/atomicfile"
)

// UnusableError tells why events cannot be appended to what is at a path.
type UnusableError struct {
	Path, Reason string
}

func (e *UnusableError) Error() string { return e.Path + " " + e.Reason }

// fileMode keeps a new file to its owner.
const fileMode = 0o600

// Writer appends events to a file. It is safe for concurrent use. A nil Writer
// writes nothing.
type Writer struct {
	onFailure func(error)

	mu     sync.Mutex // guards what follows
	file   *os.File   // nil after Close
	isMade bool       // by Open, and nothing was written yet
	isTorn bool       // the last line has no end
	failed bool       // onFailure was called
}

// Open opens the events file at a path, or creates it for its owner only. An
// existing one is continued. Anything else at the path, a link included, stays as
// it is, and the error is an [*UnusableError]; other errors are those of the file
// system. Open never waits, not even for the other end of a pipe.
//
// The first event that cannot be written is told to onFailure, which must not
// call the Writer. Nil: nobody is told.
func Open(path string, onFailure func(error)) (*Writer, error) {
	w := &Writer{onFailure: onFailure}
	var err error
	w.file, err = os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE|os.O_EXCL, fileMode)
	if err == nil {
		w.isMade = true
		return w, nil
	}
	if !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("open events: %w", err)
	}
	if w.file, err = openOurs(path); err != nil {
		return nil, fmt.Errorf("open events: %w", err)
	}
	if w.isTorn, err = isTorn(w.file); err != nil {
		return nil, errors.Join(fmt.Errorf("open events: %w", err), w.file.Close())
	}
	return w, nil
}

// openOurs opens a file of earlier runs.
func openOurs(path string) (*os.File, error) {
	// To open a device can have effects of its own, so this is looked at first.
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &UnusableError{path, "is not a regular file"}
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|atomicfile.NoBlock|atomicfile.NoFollow, 0)
	if err != nil {
		return nil, err
	}
	start, err := io.ReadAll(io.LimitReader(file, startSize))
	if there, statErr := file.Stat(); err == nil {
		err = statErr
		if err == nil && !os.SameFile(info, there) {
			err = &UnusableError{path, "was replaced at this moment"}
		}
	}
	isEmpty := len(bytes.Trim(start, "\x00")) == 0
	if err == nil && (!isOurs(start) || isEmpty && (!atomicfile.IsPrivate(info) || atomicfile.IsShared(info))) {
		err = &UnusableError{path, "exists and is not an events file"}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// isTorn reports whether a crash has left a file without its last line end.
func isTorn(file *os.File) (bool, error) {
	info, err := file.Stat()
	if err != nil || info.Size() == 0 {
		return false, err
	}
	last := make([]byte, 1)
	_, err = file.ReadAt(last, info.Size()-1)
	return last[0] != '\n', err
}

// Write appends an event that happens now. When an event cannot be written, the
// others are still whole.
func (w *Writer) Write(e Event) {
	if w == nil {
		return
	}
	line, err := encode(time.Now(), e)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		err = w.append(line)
	}
	if err != nil && !w.failed && w.onFailure != nil {
		w.failed = true
		w.onFailure(err)
	}
}

// append writes a line in one piece, so that another writer's come before or
// after it. The caller holds the lock.
func (w *Writer) append(line []byte) error {
	if w.file == nil {
		return nil
	}
	if w.isTorn {
		line = append([]byte{'\n'}, line...)
	}
	n, err := w.file.Write(line)
	if n > 0 {
		w.isMade, w.isTorn = false, n < len(line)
	}
	if err != nil {
		return fmt.Errorf("write events: %w", err)
	}
	return nil
}

// Close closes the file, and removes one that Open created when nothing was
// written to it. Closing again does nothing.
func (w *Writer) Close() error {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file == nil {
		return nil
	}
	file := w.file
	w.file = nil
	err := file.Close()
	if w.isMade {
		err = errors.Join(err, os.Remove(file.Name()))
	}
	if err != nil {
		return fmt.Errorf("close events: %w", err)
	}
	return nil
}
