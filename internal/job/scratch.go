package job

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// scratch is the directory on the local disk for the runs of one report in a
// store. Each run has a directory of its own in it: one that is frozen, and not
// dead, goes on holding its files.
type scratch struct {
	root string
	run  string
}

// newScratch makes the directory of a run, for this user alone.
func newScratch(parent, report, run string) (scratch, error) {
	name := sha256.Sum256([]byte(report))
	s := scratch{root: filepath.Join(cmp.Or(parent, os.TempDir()), "cognito-confirm-"+hex.EncodeToString(name[:8])), run: run}
	for _, directory := range []string{s.root, s.path("")} {
		if err := makePrivate(directory); err != nil {
			return scratch{}, fmt.Errorf("make scratch directory: %w", err)
		}
	}
	return s, nil
}

// makePrivate makes a directory for this user, or finds it to be such.
func makePrivate(path string) error {
	err := os.Mkdir(path, 0o700)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	// The name can be guessed, and others may write to the directory above.
	if !info.IsDir() || !isOwn(info) {
		return fmt.Errorf("%s is somebody else's", path)
	}
	return nil
}

// The names of the files of a run.
const (
	scratchReport    = "run.report.csv"
	scratchFailed    = "run.failed.csv"
	scratchMalformed = "run.malformed.csv"
	scratchEvents    = "run.events.jsonl"
)

// path returns where a file of the run is.
func (s scratch) path(name string) string { return filepath.Join(s.root, s.run, name) }

// journalOf returns where the report of an earlier run is, and whether this
// machine has it.
func (s scratch) journalOf(run string) (path string, found bool) {
	// What comes from the store must not lead out of the directory.
	if run == "" || run != filepath.Base(run) || run == ".." {
		return "", false
	}
	path = filepath.Join(s.root, run, scratchReport)
	info, err := os.Lstat(path)
	return path, err == nil && info.Mode().IsRegular()
}

// journals returns where the reports of all other runs are.
func (s scratch) journals() ([]string, error) {
	entries, err := os.ReadDir(s.root)
	if err != nil {
		return nil, fmt.Errorf("read scratch directory: %w", err)
	}
	var journals []string
	for _, entry := range entries {
		if path, found := s.journalOf(entry.Name()); found && entry.Name() != s.run {
			journals = append(journals, path)
		}
	}
	return journals, nil
}

// remove removes the directory of this run.
func (s scratch) remove() error {
	err := os.RemoveAll(s.path(""))
	_ = os.Remove(s.root) // unless another run has files there
	return err
}

// removeAll removes what all runs have left.
func (s scratch) removeAll() error { return os.RemoveAll(s.root) }
