package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"

	"cognito-confirm/internal/atomicfile"
)

// Directory is a directory that all who share it see alike: on one machine, or on a
// network file system that knows locks. Names are paths in it, with slashes. A file
// is readable by its owner alone. It keeps no owners of objects. Make one with
// OpenDirectory.
type Directory struct{ root string }

// OpenDirectory returns the directory, and makes it if it is not there.
func OpenDirectory(path string) (*Directory, error) {
	root, err := filepath.Abs(path)
	if err == nil {
		err = os.MkdirAll(root, 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return &Directory{root}, nil
}

// path returns where an object is, unless ctx has ended. Nothing is outside the directory.
func (d *Directory) path(ctx context.Context, name string) (string, error) {
	local := filepath.FromSlash(name)
	if !filepath.IsLocal(local) || isHidden(filepath.Base(local)) {
		return "", fmt.Errorf("%q: %w", name, fs.ErrInvalid)
	}
	return filepath.Join(d.root, local), ctx.Err()
}

// isHidden: these are files on their way to their places.
func isHidden(base string) bool { return strings.HasPrefix(base, ".") }

// failed makes one sentence of an error of the file system.
func (d *Directory) failed(doing, name string, err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		err = failed.Err
	}
	if failed, ok := errors.AsType[*os.LinkError](err); ok {
		err = failed.Err
	}
	return fmt.Errorf("%s %s: %w", doing, filepath.Join(d.root, filepath.FromSlash(name)), err)
}

// tagOf is what one version of a file has and no other; see stamp.
func tagOf(info fs.FileInfo) string {
	return fmt.Sprintf("%x-%x", info.ModTime().UnixNano(), info.Size())
}

// stamp gives a new file a time that no other version has. The clock of a file
// system stands still for milliseconds, so the fraction of the second is drawn.
func stamp(path string) error {
	now := time.Now()
	return os.Chtimes(path, now, now.Truncate(time.Second).Add(rand.N(time.Second)))
}

// lookAt returns the version of a file.
func lookAt(path string) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrInvalid
	}
	return info, err
}

// Stat implements [Store].
func (d *Directory) Stat(ctx context.Context, name string) (Info, error) {
	path, err := d.path(ctx, name)
	if err != nil {
		return Info{}, d.failed("open", name, err)
	}
	info, err := lookAt(path)
	if err != nil {
		return Info{}, d.failed("open", name, err)
	}
	return Info{Size: info.Size(), Tag: tagOf(info)}, nil
}

// Read implements [Store].
func (d *Directory) Read(ctx context.Context, name string, of Info, from, to int64) ([]byte, error) {
	path, err := d.path(ctx, name)
	if err != nil {
		return nil, d.failed("read", name, err)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, d.failed("read", name, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err == nil && tagOf(info) != of.Tag {
		err = ErrChanged
	}
	if err != nil {
		return nil, d.failed("read", name, err)
	}
	text := make([]byte, max(0, to-from))
	if _, err := io.ReadFull(io.NewSectionReader(file, from, to-from), text); err != nil {
		return nil, d.failed("read", name, err)
	}
	return text, nil
}

// writeAgain is how often a write begins again because its directory has gone: Remove
// takes away what is empty.
const writeAgain = 5

// Write implements [Store].
func (d *Directory) Write(ctx context.Context, name string, body io.ReadSeeker, a Attributes) (tag string, err error) {
	path, err := d.path(ctx, name)
	if err != nil {
		return "", d.failed("write", name, err)
	}
	for range writeAgain {
		if tag, err = d.write(ctx, path, body, a.Condition); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil {
		return "", d.failed("write", name, err)
	}
	return tag, nil
}

func (d *Directory) write(ctx context.Context, path string, body io.ReadSeeker, c Condition) (tag string, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	file, err := atomicfile.Temporary(path)
	if err != nil {
		return "", err
	}
	defer os.Remove(file.Name())
	if _, err = body.Seek(0, io.SeekStart); err == nil {
		_, err = io.Copy(file, body)
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return "", err
	}
	if err := stamp(file.Name()); err != nil {
		return "", err
	}
	info, err := os.Stat(file.Name())
	if err != nil {
		return "", err
	}
	if err := d.place(ctx, file.Name(), path, c); err != nil {
		return "", err
	}
	_ = atomicfile.SyncDirectory(path) // many file systems cannot do it
	return tagOf(info), nil
}

// place gives a file its name, if the condition holds.
func (d *Directory) place(ctx context.Context, file, path string, c Condition) error {
	switch {
	case c.Absent:
		err := os.Link(file, path)
		if errors.Is(err, fs.ErrExist) {
			return ErrConflict
		}
		return err
	case c.Tag == "":
		return os.Rename(file, path)
	}
	return d.locked(ctx, func() error {
		info, err := lookAt(path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && tagOf(info) != c.Tag {
			return ErrConflict
		}
		if err != nil {
			return err
		}
		return os.Rename(file, path)
	})
}

// lockFile is what one writer at a time has locked while it compares versions.
const lockFile = ".lock"

// locked does something that others must not do at the same time. A process that is
// frozen in the middle of it keeps the others waiting, for whom the store then does
// not answer; but it takes no longer than a look and a rename.
func (d *Directory) locked(ctx context.Context, do func() error) error {
	ctx, cancel := within(ctx, answerTime)
	defer cancel()
	type lock struct {
		release func()
		err     error
	}
	locked := make(chan lock, 1)
	go func() {
		release, err := lockedfile.MutexAt(filepath.Join(d.root, lockFile)).Lock()
		locked <- lock{release, err}
	}()
	select {
	case l := <-locked:
		if l.err != nil {
			return l.err
		}
		defer l.release()
		return do()
	case <-ctx.Done():
		go func() {
			if l := <-locked; l.err == nil {
				l.release()
			}
		}()
		return context.Cause(ctx)
	}
}

// List implements [Store].
func (d *Directory) List(ctx context.Context, prefix string) ([]string, error) {
	// Only what is below the last slash of the prefix is looked at.
	above := filepath.Join(d.root, filepath.FromSlash(prefix[:strings.LastIndexByte(prefix, '/')+1]))
	var names []string
	err := filepath.WalkDir(above, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, fs.ErrNotExist):
			return nil // it has just gone
		case err != nil:
			return err
		case entry.IsDir() && isHidden(entry.Name()):
			return filepath.SkipDir // of a driver, for itself
		case entry.IsDir() || isHidden(entry.Name()):
			return nil
		}
		name, err := filepath.Rel(d.root, path)
		if name = filepath.ToSlash(name); err == nil && strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return nil, d.failed("list", prefix, err)
	}
	slices.Sort(names) // a walk goes by the elements of paths
	return names, nil
}

// Remove implements [Store].
func (d *Directory) Remove(ctx context.Context, name string) error {
	path, err := d.path(ctx, name)
	if err == nil {
		err = os.Remove(path)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return d.failed("remove", name, err)
	}
	for above := filepath.Dir(path); above != d.root && os.Remove(above) == nil; {
		above = filepath.Dir(above)
	}
	return nil
}
