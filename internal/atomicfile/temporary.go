package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxBase leaves room in a file name for what Temporary adds to it.
const maxBase = 200

// Temporary creates a file of a random name beside path, for its owner only. It
// neither opens a file that exists nor follows a link. The caller removes or
// renames it.
func Temporary(path string) (*os.File, error) {
	file, err := os.CreateTemp(filepath.Dir(path), prefix(path)+"*"+suffix)
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		// Nobody knows the random name.
		return nil, &fs.PathError{Op: failed.Op, Path: path, Err: failed.Err}
	}
	return file, err
}

const suffix = ".tmp"

func prefix(path string) string {
	base := filepath.Base(path)
	return "." + base[:min(len(base), maxBase)] + "."
}

// Unfinished tells what a killed run may have left half made beside a path.
type Unfinished struct {
	Path string
	// Ours reports whether a file that starts with these bytes, 4 KiB of them at most
	// and never none, can have been made for the path. Nil: only an empty file can.
	Ours func(start []byte) bool
}

// Sweep removes what Temporary made beside these paths for a run that was killed: a
// file of this user alone, without another name, that is empty or begins as it must.
// Only a caller that keeps other runs from making more may call it. It does what it
// can: what it leaves does no harm.
func Sweep(files ...Unfinished) {
	byDirectory := make(map[string][]Unfinished)
	for _, file := range files {
		if len(filepath.Base(file.Path)) <= maxBase {
			directory := filepath.Dir(file.Path)
			byDirectory[directory] = append(byDirectory[directory], file)
		}
	}
	for directory, files := range byDirectory {
		entries, err := os.ReadDir(directory)
		if err != nil {
			continue
		}
		for _, entry := range entries {
			for _, file := range files {
				if path := filepath.Join(directory, entry.Name()); isTemporary(entry.Name(), prefix(file.Path)) && file.isOurs(path) {
					_ = os.Remove(path)
				}
			}
		}
	}
}

// isOurs reports whether what is at a path was made for this one.
func (u Unfinished) isOurs(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || !IsPrivate(info) {
		return false
	}
	if there, err := os.Lstat(u.Path); err == nil && os.SameFile(info, there) {
		return true // killed while it got its name, which it keeps
	}
	if IsShared(info) {
		return false
	}
	if info.Size() == 0 {
		return true
	}
	start, err := readStart(path)
	return err == nil && len(start) > 0 && u.Ours != nil && u.Ours(start)
}

// isTemporary reports whether Temporary can have given a file that name.
func isTemporary(name, prefix string) bool {
	random, isOfPath := strings.CutPrefix(name, prefix)
	random, isTemporary := strings.CutSuffix(random, suffix)
	return isOfPath && isTemporary && random != "" && strings.Trim(random, "0123456789") == ""
}

// SyncDirectory makes the name of a new file last: without it, a file that was
// synced itself can be missing after a power cut. Many file systems cannot do
// it, which is an error here.
func SyncDirectory(path string) error {
	if !hasDirectorySync {
		return nil
	}
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
