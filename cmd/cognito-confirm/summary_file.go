package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"cognito-confirm/internal/job"
)

// summaryFile is where --summary goes. It is opened before the run, so that a
// wrong path is found out then and not at the end. A run that is killed leaves
// it empty, never with what an earlier run wrote.
type summaryFile struct {
	out   io.Writer // nil for none
	file  *os.File  // nil for none and for standard output
	isNew bool
}

// summaryFiles names the file among those that must not be one.
func summaryFiles(path string) []job.File {
	if path == "" || path == "-" {
		return nil
	}
	return []job.File{{Role: "summary", Path: path}}
}

// openSummary opens the file and empties it.
func openSummary(path string, stdout io.Writer) (*summaryFile, error) {
	switch path {
	case "":
		return &summaryFile{}, nil
	case "-":
		return &summaryFile{out: stdout}, nil
	}
	f := &summaryFile{}
	var err error
	f.file, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	f.isNew = err == nil
	if errors.Is(err, fs.ErrExist) {
		f.file, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	}
	if err == nil {
		f.out = f.file
		err = f.empty()
	}
	if err != nil {
		return nil, &usageError{fmt.Sprintf("open summary: %v", err), ""}
	}
	return f, nil
}

func (f *summaryFile) empty() error {
	info, err := f.file.Stat()
	if err != nil || !info.Mode().IsRegular() { // a pipe has nothing to take away
		return err
	}
	return f.file.Truncate(0)
}

// discard removes a file that openSummary made.
func (f *summaryFile) discard() error {
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	if f.isNew {
		err = errors.Join(err, os.Remove(f.file.Name()))
	}
	return err
}

// write writes the summary as one indented JSON object.
func (f *summaryFile) write(summary any) error {
	if f.out == nil {
		return nil
	}
	encoder := json.NewEncoder(f.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(summary)
	if f.file != nil {
		err = errors.Join(err, f.file.Close())
	}
	if err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	return nil
}
