package report

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"cognito-confirm/worker"
)

// failedRows is the file of the rows that did not succeed: the input's own
// bytes, so that it is an input like any other. The first such row creates it;
// a run without failures leaves no file.
//
// A resumed run does not trust what a crash may have left of it. It rebuilds
// the file from the report and the input, beside the old one, which it replaces
// once the new one is complete.
type failedRows struct {
	path   string
	header string // of the input, with its line end
	file   lockedFile
	begun  bool         // the first row was added
	buffer bytes.Buffer // what was added and not yet written
}

// restoreBatch is how many bytes of rows of earlier runs are written at once.
const restoreBatch = 64 << 10

// exists reports whether this run has created the file.
func (f *failedRows) exists() bool { return f.file.File != nil }

// add keeps the row of a result for the next write, if it belongs here.
func (f *failedRows) add(r worker.Result) {
	if !r.Status.Succeeded() {
		f.addRow(r.Row)
	}
}

// addRow keeps a row for the next write. A malformed one has no bytes of its own.
func (f *failedRows) addRow(row worker.Row) {
	if row.Raw == "" {
		return
	}
	if !f.begun {
		f.begun = true
		if strings.HasPrefix(cmp.Or(f.header, row.Raw), byteOrderMark) {
			// This one belongs to the first field. Readers drop the one before it.
			f.buffer.WriteString(byteOrderMark)
		}
		f.addRecord(f.header)
	}
	f.addRecord(row.Raw)
}

const byteOrderMark = "\ufeff"

// addRecord appends a record. The last one of an input may lack its line end.
func (f *failedRows) addRecord(raw string) {
	f.buffer.WriteString(raw)
	if raw != "" && !strings.HasSuffix(raw, "\n") {
		f.buffer.WriteByte('\n')
	}
}

// write hands what was added to the operating system.
func (f *failedRows) write() error {
	if f.buffer.Len() == 0 {
		return nil
	}
	if !f.exists() {
		if err := f.create(f.path, os.O_EXCL); err != nil {
			return err
		}
	}
	n, err := f.buffer.WriteTo(f.file)
	if err != nil {
		// Half a username is another user's: nobody may be confirmed for it.
		return errors.Join(fmt.Errorf("write failed-rows file: %w", err), f.file.cutOff(n))
	}
	return nil
}

// create creates the file and locks it, so that no other run takes it away.
func (f *failedRows) create(path string, flag int) (err error) {
	if f.file, err = openLocked("create failed-rows file", path, os.O_WRONLY|os.O_CREATE|flag); err != nil {
		return err
	}
	return syncDirectory(path)
}

func (f *failedRows) close() error {
	if !f.exists() {
		return nil
	}
	if err := f.file.Close(); err != nil {
		return fmt.Errorf("close failed-rows file: %w", err)
	}
	return nil
}

// Unfinished returns the path at which a resumed run rebuilds a failed-rows
// file. Whatever is there is lost.
func Unfinished(failed string) string { return failed + ".tmp" }

// restore puts the row of an earlier run into the new file.
func (f *failedRows) restore(row worker.Row) error {
	f.addRow(row)
	if !f.exists() && f.begun {
		if err := f.create(Unfinished(f.path), os.O_TRUNC); err != nil {
			return err
		}
	}
	if f.buffer.Len() < restoreBatch {
		return nil
	}
	return f.write()
}

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
	if err := os.Rename(Unfinished(f.path), f.path); err != nil {
		return fmt.Errorf("replace failed-rows file: %w", err)
	}
	f.file.path = f.path
	return syncDirectory(f.path)
}

// discard removes the new file before it has replaced anything.
func (f *failedRows) discard() error {
	if !f.exists() {
		return nil
	}
	return errors.Join(f.close(), os.Remove(f.file.path))
}

func (f *failedRows) remove() error {
	if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove old failed-rows file: %w", err)
	}
	return nil
}

// check finds out now whether the file can be created later: after hours of
// calls is no time to learn of a wrong path. It leaves everything as it was. In
// a resumed run a file that exists must be that of an earlier run.
func (f *failedRows) check(existing, resumed bool) error {
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
	file, err := os.OpenFile(Unfinished(f.path), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return fmt.Errorf("create failed-rows file: %w", err)
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// checkOld refuses to replace a file that another run is writing to, and in a
// resumed run one that no run of this input can have left.
func (f *failedRows) checkOld(resumed bool) error {
	file, err := openLocked("open failed-rows file", f.path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	if !resumed || f.header == "" {
		return nil
	}
	// Room for more quotation marks than the input has.
	start := make([]byte, len(byteOrderMark)+3*len(f.header))
	n, err := file.ReadAt(start, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read failed-rows file: %w", err)
	}
	// A crash may have left less than the header, and zeros.
	old, header := unquoted(strings.TrimRight(string(start[:n]), "\x00")), unquoted(f.header)
	if !strings.HasPrefix(old, header) && !strings.HasPrefix(header, old) {
		return &UnusableError{f.path, "is not what a run of this input has left: its header is another one"}
	}
	return nil
}

// unquoted returns the start of a file less what versions of this program wrote
// in another way than the input had it.
func unquoted(start string) string {
	return strings.NewReplacer(byteOrderMark, "", `"`, "", "\r", "").Replace(start)
}
