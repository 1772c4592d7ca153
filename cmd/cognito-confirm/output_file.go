package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"cognito-confirm/internal/atomicfile"
	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/job"
	"cognito-confirm/report"
)

// outputFile is where something goes that a flag asks for: a path, "-" for standard
// output, or "" for nowhere. What cannot be finished leaves what was there.
type outputFile struct {
	path    string
	stdout  io.Writer
	options atomicfile.Options
	// what goes there, as in "summary".
	what string
	// foreign tells why a file may not be replaced, as in " and is no summary of an
	// earlier run", hint what to do about it.
	foreign, hint string
}

func (f outputFile) isFile() bool { return f.path != "" && f.path != "-" }

// check finds out whether the file can be written.
func (f outputFile) check() error {
	if !f.isFile() {
		return nil
	}
	if isReport(f.path) {
		return flags.Usage(f.path+" is the report of a run", "give another name: --overwrite does not replace it by a "+f.what)
	}
	return f.refused(atomicfile.Check(f.path, f.options))
}

// isReport reports whether a file is what a run may still write, or continue.
func isReport(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return false
	}
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	for _, err := range report.Scan(file) {
		return !errors.Is(err, report.ErrNotReport)
	}
	return true
}

// refused turns what keeps the file from being written into words.
func (f outputFile) refused(err error) error {
	switch {
	case err == nil:
		return nil
	case is[*atomicfile.ExistsError](err), is[*report.ExistsError](err):
		return flags.Usage(err.Error()+f.foreign, f.hint)
	}
	return flags.Usage(fmt.Sprintf("open %s: %v", f.what, err), "")
}

// write has write write it.
func (f outputFile) write(write func(io.Writer) error) error {
	switch {
	case f.path == "-":
		return write(f.stdout)
	case f.isFile():
		return atomicfile.Write(f.path, f.options, write)
	}
	return nil
}

// filesAt names a file among those that must not be one, if the path is that of a file.
func filesAt(path, role string) []job.File {
	if path == "" || path == "-" {
		return nil
	}
	return []job.File{{Role: role, Path: path}}
}
