package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// defaultPath names a file beside the input: the input's name less its .csv or
// .csv.gz, and the suffix.
func defaultPath(input, suffix string) string {
	for _, known := range [...]string{".csv.gz", ".csv"} {
		if hasSuffixFold(input, known) {
			return input[:len(input)-len(known)] + suffix
		}
	}
	return input + suffix
}

// place is a file that a run reads or writes.
type place struct {
	// role is what the file is to the run, for messages.
	role, path string
	// info identifies a file that is open already; nil for one named by path only.
	info os.FileInfo
}

// refuseSame makes sure that no two of the places are one file, through
// whatever link: writing one would destroy the other.
func refuseSame(places []place) error {
	for i, a := range places {
		for _, b := range places[:i] {
			if same(a, b) {
				return usageError(fmt.Sprintf("the %s and the %s are the same file: %s", b.role, a.role, a.path), "")
			}
		}
	}
	return nil
}

func same(a, b place) bool {
	infoA, infoB := a.stat(), b.stat()
	if infoA != nil && infoB != nil {
		return os.SameFile(infoA, infoB)
	}
	return infoA == nil && infoB == nil && resolved(a.path) == resolved(b.path)
}

func (p place) stat() os.FileInfo {
	if p.info != nil {
		return p.info
	}
	info, err := os.Stat(p.path)
	if err != nil {
		return nil
	}
	return info
}

// resolved returns the one name of a file that does not exist yet.
func resolved(path string) string {
	if target, err := os.Readlink(path); err == nil {
		// A link to nowhere: writing to it makes its target.
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	directory, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		directory = filepath.Dir(path)
	}
	absolute, err := filepath.Abs(filepath.Join(directory, filepath.Base(path)))
	if err != nil {
		return path
	}
	return absolute
}
