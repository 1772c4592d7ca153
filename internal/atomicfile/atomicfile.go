// Package atomicfile writes a file as a whole or not at all, and never at the
// expense of a file that is somebody else's.
//
// The one idea: what is written goes to a new file of a random name in the same
// directory, which takes the place of the old one when it is complete. A file that
// exists is opened only to see whose it is.
package atomicfile

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Options set which existing file may be replaced. With the zero value only an
// empty one may be.
type Options struct {
	// Overwrite replaces any regular file that Keep does not keep.
	Overwrite bool
	// Ours reports whether a file that starts with these bytes, 4 KiB of them
	// at most, was written by an earlier run and may be replaced. Nil: none was.
	Ours func(start []byte) bool
	// Keep reports whether a file that starts with these bytes stays even with
	// Overwrite. Nil: none does.
	Keep func(start []byte) bool
	// Mode is that of a new file. Zero is 0600: its owner's alone.
	Mode fs.FileMode
}

// ExistsError means that a file exists which only the caller may decide to replace.
type ExistsError struct {
	Path string
	Kept bool // Keep keeps it
}

func (e *ExistsError) Error() string { return e.Path + " exists" }

// fileMode keeps a new file to its owner.
const fileMode fs.FileMode = 0o600

// Check finds out whether Write will be able to write the file. It leaves
// everything as it was. The error is an [*ExistsError] when a file is in the
// way, and one of the file system otherwise.
func Check(path string, o Options) error {
	place, err := find(path, o)
	if err != nil || place.isStream {
		// A pipe is not tried: its reader would take that for the end, and may still
		// be to come.
		return err
	}
	file, err := Temporary(place.path)
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// Write calls write with a new file and puts that in the place of path. When
// anything fails, what was at path stays as it was. What somebody puts or changes
// there meanwhile stays too, even with Overwrite, and is an error. A pipe or a
// device is written to directly; whoever reads a pipe has five seconds for each
// write. The errors are those of Check, write and the file system.
func Write(path string, o Options, write func(io.Writer) error) error {
	place, err := find(path, o)
	if err != nil {
		return err
	}
	if place.isStream {
		return writeDirectly(place.path, write)
	}
	file, err := Temporary(place.path)
	if err != nil {
		return err
	}
	if err := place.fill(file, o, write); err != nil {
		return errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	// Windows does not rename a file that is open.
	if err := errors.Join(file.Close(), place.take(path, o, file.Name())); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	// A file system that cannot do this is no reason to fail: the file is there.
	_ = SyncDirectory(place.path)
	return nil
}

// place is where a file goes.
type place struct {
	path string      // links followed
	info fs.FileInfo // of what is there; nil for nothing
	// isStream: it is a pipe, a device or a descriptor of this process, and cannot
	// be replaced.
	isStream bool
}

// find follows the links of a path and refuses what must not be replaced.
func find(path string, o Options) (place, error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return place{path: path}, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return place{}, err
	}
	if info.IsDir() {
		return place{}, fmt.Errorf("%s is a directory", path)
	}
	if info.Mode()&fs.ModeSocket != 0 {
		return place{}, fmt.Errorf("%s is a socket", path)
	}
	if !info.Mode().IsRegular() || isDescriptor(path) {
		return place{path: path, info: info, isStream: true}, nil
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return place{}, err
	}
	if info.Size() > 0 && (!o.Overwrite || o.Keep != nil) {
		start, err := readStart(target)
		if err != nil {
			return place{}, err
		}
		if kept := o.Keep != nil && o.Keep(start); kept || !o.mayReplace(start) {
			return place{}, &ExistsError{Path: path, Kept: kept}
		}
	}
	return place{path: target, info: info}, nil
}

func (o Options) mayReplace(start []byte) bool {
	return o.Overwrite || o.Ours != nil && o.Ours(start)
}

// isDescriptor reports whether a path stands for a file that is open already.
func isDescriptor(path string) bool {
	return strings.HasPrefix(path, "/dev/std") || strings.HasPrefix(path, "/dev/fd/") || strings.HasPrefix(path, "/proc/")
}

func readStart(path string) ([]byte, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|NoBlock, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, 4<<10))
}

// fill writes and syncs the new file, which gets the mode of the old one.
func (p place) fill(file *os.File, o Options, write func(io.Writer) error) error {
	if err := write(file); err != nil {
		return err
	}
	mode := cmp.Or(o.Mode, fileMode)
	if p.info != nil {
		// Without it, those who read the file now might lose access.
		mode = p.info.Mode().Perm()
	}
	if mode != fileMode {
		_ = file.Chmod(mode) // some file systems have no modes
	}
	return file.Sync()
}

// take puts the new file where path leads, if that is still what it was. Only a
// change between the second look and the rename goes unseen.
func (p place) take(path string, o Options, temporary string) error {
	now, err := find(path, o)
	if err != nil {
		return err
	}
	if now.info != nil {
		switch {
		case p.info == nil:
			return &ExistsError{Path: path}
		case !isSame(p.info, now.info):
			return fmt.Errorf("%s was changed meanwhile", path)
		}
		return os.Rename(temporary, now.path)
	}
	// A link, unlike a rename, replaces nothing that has just come.
	err = os.Link(temporary, now.path)
	if errors.Is(err, fs.ErrExist) {
		return &ExistsError{Path: path}
	}
	if err != nil {
		return os.Rename(temporary, now.path) // a file system without links
	}
	return os.Remove(temporary)
}

// isSame reports whether nobody has written or replaced a file between two looks.
func isSame(before, now fs.FileInfo) bool {
	return os.SameFile(before, now) && before.Size() == now.Size() && before.ModTime().Equal(now.ModTime())
}
