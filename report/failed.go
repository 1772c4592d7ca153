package report

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

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
	if slices.ContainsFunc(fields, hasLineEnd) {
		fields = slices.Clone(fields)
		for i := range fields {
			fields[i] = strings.ReplaceAll(fields[i], lineEnd, "\r"+lineEnd)
		}
	}
	return f.csv.Write(fields)
}

// lineEnd in a field is read back as a line feed alone: what is to come back
// with its carriage return needs one more in front of it.
const lineEnd = "\r\n"

func hasLineEnd(field string) bool { return strings.Contains(field, lineEnd) }

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
	n, err := f.buffer.WriteTo(f.file)
	if err != nil {
		// Half a username is another user's: nobody may be confirmed for it.
		return errors.Join(fmt.Errorf("write failed-rows file: %w", err), cutOff(f.file, n))
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
	rows := bytes.Clone(f.buffer.Bytes())
	f.buffer.Reset()
	if f.header != nil {
		if err := f.record(f.header); err != nil {
			return err
		}
		f.csv.Flush()
	}
	f.buffer.Write(rows)
	if text := f.buffer.Bytes(); bytes.HasPrefix(text, []byte(byteOrderMark)) {
		// Part of the first field: the one that readers drop goes before it.
		marked := append([]byte(byteOrderMark), text...)
		f.buffer.Reset()
		f.buffer.Write(marked)
	}
	return nil
}

const byteOrderMark = "\ufeff"

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
	if info, err := os.Stat(f.path); err == nil && !info.Mode().IsRegular() {
		// Removing it could take a device such as /dev/null away from everybody.
		return fmt.Errorf("create failed-rows file: %s is not a regular file", f.path)
	}
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
