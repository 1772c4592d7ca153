package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// summaryFile is where --summary goes. It is opened before anything else is
// touched, so that a wrong path is found out before the run and not after it.
// A run that is killed leaves it empty, never with what an earlier run wrote.
type summaryFile struct {
	out   io.Writer // nil for none
	file  *os.File  // nil for none and for standard output
	isNew bool
}

func openSummary(path string, stdout io.Writer) (*summaryFile, error) {
	switch path {
	case "":
		return &summaryFile{}, nil
	case "-":
		return &summaryFile{out: stdout}, nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	isNew := err == nil
	if errors.Is(err, fs.ErrExist) {
		file, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	}
	if err != nil {
		return nil, usageError(fmt.Sprintf("open summary: %v", err), "")
	}
	return &summaryFile{out: file, file: file, isNew: isNew}, nil
}

// begin empties the file, now that the run will take place.
func (f *summaryFile) begin() error {
	if f.file == nil {
		return nil
	}
	info, err := f.file.Stat()
	if err == nil && info.Mode().IsRegular() { // a pipe has nothing to take away
		err = f.file.Truncate(0)
	}
	if err != nil {
		return usageError(fmt.Sprintf("open summary: %v", err), "")
	}
	return nil
}

// discard leaves things as they were before openSummary.
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
		return &exitError{status: exitStopped, message: fmt.Sprintf("write summary: %v", err)}
	}
	return nil
}
