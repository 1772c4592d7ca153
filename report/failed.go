package report

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/gofrs/flock"

	"cognito-confirm/worker"
)

// failedRows is the file of the rows that did not succeed, in the input's own
// columns, so that it is an input like any other. It is made when the first
// such row comes: a run without failures leaves none behind.
//
// A resumed run does not trust what a crash may have left of it. It makes the
// file anew from the report and the input, beside the old one, and puts it in
// its place when it is whole.
type failedRows struct {
	path   string
	header []string
	file   outFile // none until there is something to write
	lock   *flock.Flock
	begun  bool // something was written to it
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

// exists says whether the file was made.
func (f *failedRows) exists() bool { return f.file.File != nil }

// add keeps the row of a result for the next write, if it belongs here.
func (f *failedRows) add(r worker.Result) error {
	if r.Status.Succeeded() || r.Row.Fields == nil {
		return nil
	}
	return f.record(r.Row.Fields)
}

// restore puts the row of an earlier run into the new file.
func (f *failedRows) restore(row worker.Row) error {
	if row.Fields == nil {
		return nil
	}
	if !f.exists() {
		if err := f.create(f.unfinished(), os.O_TRUNC); err != nil {
			return err
		}
	}
	if err := f.record(row.Fields); err != nil {
		return err
	}
	if f.buffer.Len() < batch*100 {
		return nil
	}
	return f.write()
}

// Unfinished returns the path at which a resumed run makes a failed-rows file
// anew. Whatever is there is lost.
func Unfinished(failed string) string { return failed + ".tmp" }

func (f *failedRows) unfinished() string { return Unfinished(f.path) }

// replace puts the new file in the place of the old one.
func (f *failedRows) replace() error {
	if !f.exists() {
		return f.remove()
	}
	if err := f.write(); err != nil {
		return err
	}
	if err := f.file.sync(); err != nil {
		return err
	}
	if err := os.Rename(f.unfinished(), f.path); err != nil {
		return fmt.Errorf("replace failed-rows file: %w", err)
	}
	f.file.path = f.path
	return syncDirectory(f.path)
}

// discard gives the new file up before it has replaced anything.
func (f *failedRows) discard() error {
	if !f.exists() {
		return nil
	}
	return errors.Join(f.close(), os.Remove(f.file.path))
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
	if !f.exists() {
		rows := bytes.Clone(f.buffer.Bytes())
		f.buffer.Reset()
		if err := f.create(f.path, os.O_EXCL); err != nil {
			return err
		}
		f.buffer.Write(rows)
	}
	if !f.begun && bytes.HasPrefix(f.buffer.Bytes(), []byte(byteOrderMark)) {
		// Part of the first field: the one that readers drop goes before it.
		text := bytes.Clone(f.buffer.Bytes())
		f.buffer.Reset()
		f.buffer.WriteString(byteOrderMark)
		f.buffer.Write(text)
	}
	f.begun = true
	n, err := f.buffer.WriteTo(f.file)
	if err != nil {
		// Half a username is another user's: nobody may be confirmed for it.
		return errors.Join(fmt.Errorf("write failed-rows file: %w", err), f.file.cutOff(n))
	}
	return nil
}

// create makes the file; the header is the first thing in the buffer.
func (f *failedRows) create(path string, flag int) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|flag, fileMode)
	if err != nil {
		return fmt.Errorf("create failed-rows file: %w", err)
	}
	f.file = outFile{file, path}
	// So that no other run takes the file away.
	if f.lock, err = f.file.lock(); err != nil {
		return err
	}
	if err := syncDirectory(path); err != nil {
		return err
	}
	if f.header == nil {
		return nil
	}
	if err := f.record(f.header); err != nil {
		return err
	}
	f.csv.Flush()
	return nil
}

const byteOrderMark = "\ufeff"

func (f *failedRows) close() error {
	if !f.exists() {
		return nil
	}
	err := f.file.Close()
	if f.lock != nil {
		err = errors.Join(err, f.lock.Close())
	}
	if err != nil {
		return fmt.Errorf("close failed-rows file: %w", err)
	}
	return nil
}

func (f *failedRows) remove() error {
	if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove old failed-rows file: %w", err)
	}
	return nil
}

// checkPlace finds out now whether the file can be made later: after hours of
// calls is no time to learn of a wrong path. It leaves nothing behind. resumed
// says that a file which is there must be that of an earlier run.
func (f *failedRows) checkPlace(existing, resumed bool) error {
	if info, err := os.Stat(f.path); err == nil && !info.Mode().IsRegular() {
		// Removing it could take a device such as /dev/null away from everybody.
		return fmt.Errorf("create failed-rows file: %s is not a regular file", f.path)
	}
	if _, err := os.Lstat(f.path); err == nil && !existing {
		return &ExistsError{Path: f.path}
	}
	if err := f.checkOld(resumed); err != nil {
		return err
	}
	file, err := os.OpenFile(f.unfinished(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return fmt.Errorf("create failed-rows file: %w", err)
	}
	return errors.Join(file.Close(), os.Remove(f.unfinished()))
}

// checkOld refuses to replace a file that another run is writing to, and in a
// resumed run one that no run of this input can have left.
func (f *failedRows) checkOld(resumed bool) error {
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open failed-rows file: %w", err)
	}
	defer file.Close()
	lock, err := outFile{file, f.path}.lock()
	if err != nil {
		return err
	}
	if err := lock.Close(); err != nil {
		return fmt.Errorf("unlock failed-rows file: %w", err)
	}
	if !resumed || f.header == nil {
		return nil
	}
	header := newFailedRows(f.path, f.header, f.csv.Comma)
	if err := header.record(f.header); err != nil {
		return err
	}
	header.csv.Flush()
	start := make([]byte, header.buffer.Len())
	n, err := file.ReadAt(start, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read failed-rows file: %w", err)
	}
	// A crash may have left less than the header, and zeros.
	if begun := bytes.TrimRight(start[:n], "\x00"); !bytes.HasPrefix(header.buffer.Bytes(), bytes.TrimPrefix(begun, []byte(byteOrderMark))) {
		return &UnusableError{f.path, "is not what a run of this input has left: its header is another one"}
	}
	return nil
}
