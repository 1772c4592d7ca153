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

// Sweep removes what Temporary made beside these paths for a run that was
// killed. Only a caller that keeps other runs from making more may call it. It
// does what it can: what it leaves does no harm.
func Sweep(paths ...string) {
	prefixes := make(map[string][]string) // by directory
	for _, path := range paths {
		if base := filepath.Base(path); len(base) <= maxBase {
			directory := filepath.Dir(path)
			prefixes[directory] = append(prefixes[directory], prefix(path))
		}
	}
	for directory, prefixes := range prefixes {
		entries, err := os.ReadDir(directory)
		if err != nil {
			continue
		}
		for _, entry := range entries {
			if entry.Type().IsRegular() && isTemporary(entry.Name(), prefixes) {
				_ = os.Remove(filepath.Join(directory, entry.Name()))
			}
		}
	}
}

// isTemporary reports whether Temporary can have given a file that name.
func isTemporary(name string, prefixes []string) bool {
	for _, prefix := range prefixes {
		random, found := strings.CutPrefix(name, prefix)
		random, isTemporary := strings.CutSuffix(random, suffix)
		if found && isTemporary && random != "" && strings.Trim(random, "0123456789") == "" {
			return true
		}
	}
	return false
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
