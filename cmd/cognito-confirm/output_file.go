package main

import (
	"errors"
	"fmt"
	"io"

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
	return f.refused(atomicfile.Check(f.path, f.sparingReports()))
}

// sparingReports are the options, which spare what a run may still write, or continue.
func (f outputFile) sparingReports() atomicfile.Options {
	f.options.Keep = report.IsReport
	return f.options
}

// refused turns what keeps the file from being written into words.
func (f outputFile) refused(err error) error {
	exists, _ := errors.AsType[*atomicfile.ExistsError](err)
	switch {
	case err == nil:
		return nil
	case exists != nil && exists.Kept:
		return &job.ReportThereError{Path: f.path}
	case exists != nil, is[*report.ExistsError](err):
		return flags.Usage(err.Error()+f.foreign, f.hint)
	}
	return flags.Usage(textOf(fmt.Errorf("open %s: %w", f.what, err)), "")
}

// write puts there what content writes.
func (f outputFile) write(content func(io.Writer) error) error {
	switch {
	case f.path == "-":
		return content(f.stdout)
	case f.isFile():
		return atomicfile.Write(f.path, f.sparingReports(), content)
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
