package report

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"cognito-confirm/worker"
)

// failedRows is the file of the rows that did not succeed, in the input's own
// columns, so that it is an input like any other. It is made when the first
// such row comes: a run without failures leaves none behind.
type failedRows struct {
	path   string
	header []string
	file   *os.File // nil until there is something to write
	buffer bytes.Buffer
	csv    *csv.Writer
}

func newFailedRows(path string, header []string, delimiter rune) *failedRows {
	f := &failedRows{path: path, header: header}
	f.csv = csv.NewWriter(&f.buffer)
	if delimiter != 0 {
		f.csv.Comma = delimiter
	}
	return f
}

// add keeps the row of a result for the next write, if it belongs here.
func (f *failedRows) add(r worker.Result) error {
	if r.Status.Succeeded() || r.Row.Fields == nil {
		return nil
	}
	return f.record(r.Row.Fields)
}

func (f *failedRows) record(fields []string) error {
	if len(fields) == 1 && fields[0] == "" {
		// The csv package would write an empty line, which every reader skips.
		f.csv.Flush()
		f.buffer.WriteString("\"\"\n")
		return nil
	}
	return f.csv.Write(fields)
}

// write hands what was added to the operating system.
func (f *failedRows) write() error {
	f.csv.Flush()
	if f.buffer.Len() == 0 {
		return nil
	}
	if f.file == nil {
		if err := f.create(); err != nil {
			return fmt.Errorf("create failed-rows file: %w", err)
		}
	}
	_, err := f.buffer.WriteTo(f.file)
	if err != nil {
		return fmt.Errorf("write failed-rows file: %w", err)
	}
	return nil
}

func (f *failedRows) create() error {
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	f.file = file
	if err := syncDirectory(f.path); err != nil {
		return err
	}
	if f.header == nil {
		return nil
	}
	rows := bytes.Clone(f.buffer.Bytes())
	f.buffer.Reset()
	if err := f.record(f.header); err != nil {
		return err
	}
	f.csv.Flush()
	f.buffer.Write(rows)
	return nil
}

func (f *failedRows) close() error {
	if f.file == nil {
		return nil
	}
	if err := f.file.Close(); err != nil {
		return fmt.Errorf("close failed-rows file: %w", err)
	}
	return nil
}

// checkPlace finds out now whether the file can be made later: after hours of
// calls is no time to learn of a wrong path. It leaves nothing behind.
func (f *failedRows) checkPlace(overwrite bool) error {
	if overwrite {
		if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("overwrite failed-rows file: %w", err)
		}
	}
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if errors.Is(err, fs.ErrExist) {
		return &ExistsError{Path: f.path}
	}
	if err != nil {
		return fmt.Errorf("create failed-rows file: %w", err)
	}
	return errors.Join(file.Close(), os.Remove(f.path))
}
