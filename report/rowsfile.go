package report

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"cognito-confirm/worker"
)

// rowsFile is a file with rows of the input in the input's own bytes: those
// that did not succeed, each with the reason in columns of its own, or the
// malformed records for somebody to put right. With the input's header, each is
// an input like any other.
//
// The file is made, locked and checked before the first call, so that its
// descriptor is there when the first row comes, no other run can have it, and
// nothing is found out after the run. It stays empty until that first row; one
// that has none is removed at the end. An empty one that a killed run leaves may
// be taken by any run.
//
// A resumed run does not trust what a crash may have left of it. It rebuilds
// the file from the report and the input, beside the old one, which it replaces
// once the new one is complete.
type rowsFile struct {
	disk       *disk
	name, path string // an empty path: there is no such file
	suffix     string // of the name that makes it the report's
	header     string // of the input, with its line end
	belongs    func(worker.Row) bool
	// rowsIn yields what the rows in such a file are known by, and knownBy what a row
	// of the input is.
	rowsIn  func(io.Reader) iter.Seq2[string, error]
	knownBy func(worker.Row) iter.Seq[string]
	read    func(io.Reader) (worker.Source, error) // as the input is read
	reasons *reasonColumns                         // nil: the rows come without

	file    *heldFile // nil before claim
	old     *leftover // what has to be found before it is replaced; nil for nothing
	fresh   *heldFile // what a resumed run rebuilds
	begun   bool      // the first row was added
	isNoted bool      // whose it is
	buffer  bytes.Buffer
}

// codeMalformedRecord is the code of a row whose columns are not known.
const codeMalformedRecord = "malformed_record"

func isMalformed(row worker.Row) bool {
	return row.Invalid != nil && row.Invalid.Code == codeMalformedRecord
}

func newFailedRows(d *disk, o Options) *rowsFile {
	f := &rowsFile{
		disk: d, name: "failed-rows file", path: o.Failed, suffix: failedSuffix, header: o.Header,
		belongs: func(row worker.Row) bool { return !isMalformed(row) },
		knownBy: usernameOf,
		read:    o.Rows,
		reasons: newReasonColumns(o.Columns, o.Delimiter),
	}
	f.rowsIn = f.usernamesIn
	return f
}

func newMalformedRows(d *disk, o Options) *rowsFile {
	return &rowsFile{
		disk: d, name: "file of malformed records", path: o.Malformed, suffix: malformedSuffix, header: o.Header,
		belongs: isMalformed,
		rowsIn:  linesIn,
		knownBy: linesOf,
	}
}

const (
	// restoreBatch is how many bytes of rows of earlier runs are written at once.
	restoreBatch = 64 << 10
	// maxBuffer is how much of a buffer is kept from one write to the next.
	maxBuffer = 4 << 20
)

// existing tells what a run may do with a file that has something in it.
type existing int

const (
	refuse     existing = iota
	replace             // whatever it is
	rebuild             // if it is this report's
	rebuildAny          // of a report of a version that made no notes of whose a file is
)

// claim takes the file for this run. What is in it stays as it is.
func (f *rowsFile) claim(ctx context.Context, report string, may existing) error {
	if f.path == "" {
		return nil
	}
	file, err := f.disk.hold("create "+f.name, f.path, false)
	if err != nil {
		return err
	}
	f.file = file
	// A note that nobody can read is in the way of the one that is to be made.
	if _, err := ownerNote(f.path).read(); err != nil {
		return err
	}
	if file.isBlank {
		return nil
	}
	if may == refuse || may == replace {
		if err := f.checkReport(); err != nil {
			return err
		}
	}
	err = checkOwner(f.path, report, f.suffix)
	if foreign, ok := errors.AsType[*ForeignError](err); ok && !foreign.isInTheWay(may) {
		err = nil
	}
	switch {
	case err != nil, may == replace:
		return err
	case may == refuse:
		return &ExistsError{Path: f.path}
	}
	if hasRows, err := f.checkHeader(); err != nil || !hasRows {
		return err
	}
	return f.readLeftover(ctx)
}

// checkReport refuses a file that is a report: no run has left that here.
func (f *rowsFile) checkReport() error {
	start := make([]byte, 4<<10)
	n, err := f.file.file.ReadAt(start, 0)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return fmt.Errorf("read %s: %w", f.name, err)
	case n > 0 && IsReport(start[:n]):
		return &ForeignError{Path: f.path, isReport: true}
	}
	return nil
}

// isInTheWay reports whether the rows are somebody's who may want them.
func (e *ForeignError) isInTheWay(may existing) bool {
	switch {
	case may == rebuild:
		return true
	case may == replace:
		return e.isReportThere
	}
	return e.Report != ""
}

// checkHeader refuses a file that no run of this input can have left, and reports
// whether there is something after the header. Versions before this one left the
// input's header as it is.
func (f *rowsFile) checkHeader() (hasRows bool, err error) {
	if f.header == "" {
		return true, nil
	}
	// Room for more quotation marks than the input has.
	start := make([]byte, len(byteOrderMark)+3*len(f.ownHeader()))
	n, err := f.file.file.ReadAt(start, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("read %s: %w", f.name, err)
	}
	// A crash may have left less than the header, and zeros.
	old := unquoted(strings.TrimRight(string(start[:n]), "\x00"))
	for _, header := range [...]string{f.ownHeader(), f.header} {
		if header = unquoted(header); strings.HasPrefix(old, header) || strings.HasPrefix(header, old) {
			return len(old) > len(header), nil
		}
	}
	return false, &UnusableError{Path: f.path, Reason: "is not what a run of this input has left: its header is another one"}
}

// ownHeader is the header of this file.
func (f *rowsFile) ownHeader() string {
	if f.reasons == nil || f.header == "" {
		return f.header
	}
	return f.reasons.header(f.header)
}

const byteOrderMark = "\ufeff"

// unquoted returns the start of a file less what versions of this program wrote
// in another way than the input had it.
func unquoted(start string) string {
	return strings.NewReplacer(byteOrderMark, "", `"`, "", "\r", "").Replace(start)
}

// add keeps the row of a result for the next write, if it belongs here.
func (f *rowsFile) add(r worker.Result) {
	if !r.Status.Succeeded() {
		f.addRow(r.Row, reason{r.Status, cmp.Or(r.Exception, r.Code), r.Message})
	}
}

// takes reports whether a row that did not succeed belongs here.
func (f *rowsFile) takes(row worker.Row) bool {
	return f.path != "" && row.Raw != "" && f.belongs(row)
}

func (f *rowsFile) addRow(row worker.Row, why reason) {
	if !f.takes(row) {
		return
	}
	if !f.begun {
		f.begun = true
		if strings.HasPrefix(cmp.Or(f.header, row.Raw), byteOrderMark) {
			// This one belongs to the first field. Readers drop the one before it.
			f.buffer.WriteString(byteOrderMark)
		}
		f.addRecord(f.ownHeader())
	}
	raw := row.Raw
	if f.reasons != nil {
		raw = f.reasons.record(raw, why)
	}
	f.addRecord(raw)
}

// addRecord appends a record. The last one of an input may lack its line end.
func (f *rowsFile) addRecord(raw string) {
	f.buffer.WriteString(raw)
	if raw != "" && !strings.HasSuffix(raw, "\n") {
		f.buffer.WriteByte('\n')
	}
}

// write hands what was added to the operating system.
func (f *rowsFile) write() error { return f.writeTo(f.file) }

func (f *rowsFile) writeTo(file *heldFile) error {
	if f.buffer.Len() == 0 {
		return nil
	}
	n, err := file.Write(f.buffer.Bytes())
	if err != nil {
		// Half a username is another user's: nobody may be confirmed for it.
		return errors.Join(fmt.Errorf("write %s: %w", f.name, err), file.cutOff(int64(n)))
	}
	if f.buffer.Reset(); f.buffer.Cap() > maxBuffer {
		f.buffer = bytes.Buffer{}
	}
	return nil
}

// restore puts the row of an earlier run into the new file.
func (f *rowsFile) restore(row worker.Row, why reason) (err error) {
	f.addRow(row, why)
	if f.buffer.Len() == 0 {
		return nil
	}
	if f.fresh == nil {
		if f.fresh, err = f.disk.temporary(f.path); err != nil {
			return fmt.Errorf("create %s: %w", f.name, err)
		}
	}
	if f.buffer.Len() < restoreBatch {
		return nil
	}
	return f.writeTo(f.fresh)
}

// begin makes the file what a run begins with: what was restored, or nothing.
func (f *rowsFile) begin(report string) error {
	if f.path == "" {
		return nil
	}
	// Before there is anything in it that somebody could lose.
	if err := writeOwner(f.path, report, f.suffix); err != nil {
		return err
	}
	f.isNoted = true
	if f.fresh == nil {
		if err := f.file.empty(); err != nil {
			return fmt.Errorf("create %s: %w", f.name, err)
		}
		return nil
	}
	if err := f.writeTo(f.fresh); err != nil {
		return err
	}
	if err := f.fresh.sync(); err != nil {
		return err
	}
	if err := f.file.replace(f.fresh); err != nil {
		return fmt.Errorf("replace %s: %w", f.name, err)
	}
	f.fresh = nil
	return nil
}

// discard leaves everything as claim found it.
func (f *rowsFile) discard() error {
	var err error
	if f.fresh != nil {
		err = f.fresh.discard()
	}
	if f.file != nil {
		err = errors.Join(err, f.file.discard())
	}
	if f.isNoted && f.file.isMade {
		err = errors.Join(err, ownerNote(f.path).remove())
	}
	return err
}

// close closes the file after the last write. One without rows goes.
func (f *rowsFile) close() error {
	if f.file == nil {
		return nil
	}
	if f.file.size > 0 {
		if err := f.file.file.Close(); err != nil {
			return fmt.Errorf("close %s: %w", f.name, err)
		}
		return nil
	}
	if err := f.file.remove(); err != nil {
		return fmt.Errorf("remove empty %s: %w", f.name, err)
	}
	return ownerNote(f.path).remove()
}

// pathIfAny returns the path of the file, "" when it has no rows.
func (f *rowsFile) pathIfAny() string {
	if f.file == nil || f.file.size == 0 {
		return ""
	}
	return f.path
}
