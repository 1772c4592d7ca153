package rows

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"cognito-confirm/internal/oneline"
	"cognito-confirm/worker"
)

// Reader reads rows from a CSV, one at a time. It is a [worker.Source]. It is
// not safe for concurrent use, except for [Reader.Offset] and [Reader.Layout].
type Reader struct {
	records *records
	layout  columnLayout
	columns []string // of the header, nil without one
	header  string   // its own bytes
	queue   []item   // was read ahead
	pending *item    // goes before what is read next; see settle
	offset  atomic.Int64

	// changed means that the file has changed since it was opened.
	changed func() bool
	onShort func(line int) // of Options, never nil
	rivals  int            // rows whose username is in the other column
	// otherHeader is the line of a header with other columns, 0 as long as the
	// columns are the ones that are known.
	otherHeader int
	hasRows     bool
	// start is the place before the first row.
	start Mark
	// unwantedHeader is the line of a header at the start of an input that should
	// have none, 0 without one.
	unwantedHeader int

	mu    sync.Mutex // guards what is counted in found
	found Layout
}

// item is what reading on came to.
type item struct {
	row worker.Row
	err error
	// doubtful means that a CR cuts the record off in its username, in a text
	// whose lines end otherwise. Half of a username is another user's.
	doubtful bool
}

// NewReader reads as far as the header, or the first row when there is none,
// and finds the columns. Where those leave a doubt it looks at the rows after
// them. The input is not packed: [Open] unpacks. The error is an
// [*UnusableError] when the input is not a CSV of users, and a wrapped read
// error otherwise.
func NewReader(in io.Reader, o Options) (*Reader, error) {
	return newReader(in, o, func() bool { return false })
}

func newReader(in io.Reader, o Options, changed func() bool) (*Reader, error) {
	o.MaxRecord = cmp.Or(o.MaxRecord, defaultMaxRecord)
	r := &Reader{changed: changed, onShort: o.OnShort}
	if r.onShort == nil {
		r.onShort = func(int) {}
	}
	err := r.begin(in, o)
	if err == nil {
		return r, nil
	}
	if errors.Is(err, io.EOF) {
		err = &UnusableError{Reason: "the input is empty", Hint: "it needs a header line with a column of usernames, or users alone and --no-header"}
	}
	return nil, r.explain(err)
}

// begin reads the first record, with a header or without: what cannot be used
// has to be refused before anything else is done.
func (r *Reader) begin(in io.Reader, o Options) error {
	if o.Delimiter != 0 && !separates(o.Delimiter) {
		return &UnusableError{Reason: fmt.Sprintf("%q cannot separate columns", o.Delimiter)}
	}
	text, encoding, err := decode(in, o.Path)
	if err != nil {
		return err
	}
	r.found.Encoding = encoding
	r.records = newRecords(text, Options{Delimiter: o.delimiter(), MaxRecord: o.MaxRecord})
	if err := r.readSeparatorLine(&o); err != nil {
		return err
	}
	r.setDelimiter(o.delimiter())
	if o.NoHeader {
		r.layout.rival = -1
		return r.startWithRow(o)
	}
	return r.startWithHeader(o)
}

func (r *Reader) setDelimiter(delimiter rune) {
	r.records.setDelimiter(delimiter)
	r.found.Delimiter = delimiter
}

// noteFirst describes the first record that can be parsed.
func (r *Reader) noteFirst(first *record) {
	r.count(func(l *Layout) {
		l.LineEnd = lineEndName(first.lineEnd)
		l.Columns = len(first.fields)
		l.UsernameColumn = r.layout.username + 1
		if r.columns != nil {
			l.UsernameColumnName = oneline.Escape(strings.TrimSpace(r.columns[r.layout.username]))
		}
	})
}

// Header returns the header's own bytes with their line end, after those of a line
// "sep=;" when there is one. It is in UTF-8, without a byte order mark and blank
// lines. It is empty when the input has neither of these two lines.
func (r *Reader) Header() string { return r.header }

// Columns returns the names of the columns as the header has them, nil when
// there is no header.
func (r *Reader) Columns() []string { return slices.Clone(r.columns) }

// Delimiter returns what separates the columns.
func (r *Reader) Delimiter() rune { return r.found.Delimiter }

// MetadataColumns returns the keys of the client metadata columns, in the
// order of the columns.
func (r *Reader) MetadataColumns() []string {
	var keys []string
	for _, column := range r.layout.metadata {
		keys = append(keys, column.key)
	}
	return keys
}

// UnwantedHeader returns the line of a header at the start of an input that has
// none by [Options.NoHeader], 0 without one.
func (r *Reader) UnwantedHeader() int { return r.unwantedHeader }

// Layout returns what was understood of the input, and what was counted in the
// part of it that was read so far. It may be called from another goroutine while
// Next runs.
func (r *Reader) Layout() Layout {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.found
}

// count changes what is counted.
func (r *Reader) count(change func(*Layout)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.found)
}

// Offset returns how many bytes of the unpacked input, in UTF-8, were read for
// the rows so far. It may be called from another goroutine while Next runs.
func (r *Reader) Offset() int64 { return r.offset.Load() }

// Next returns the next row. A record that cannot be parsed is a row too, an
// invalid one, and Next goes on after it. A record with nothing in any cell is
// passed over. The last record of a file that is still being written is left
// out, unless its line has an end. At the end the error is [io.EOF]; any other
// error is a failure to read, and nothing can be read after it: an
// [*UnusableError] when the input itself is broken there.
func (r *Reader) Next() (worker.Row, error) {
	var next item
	if len(r.queue) > 0 {
		next = r.queue[0]
		r.queue[0] = item{} // it holds on to its texts
		r.queue = r.queue[1:]
	} else {
		next = r.read()
	}
	if next.err != nil {
		return worker.Row{}, r.end(next.err)
	}
	if next.row.Unended && r.changed() {
		r.count(func(l *Layout) { l.Unfinished = next.row.Line })
		next = r.read() // the end, or an error
		return worker.Row{}, r.end(next.err)
	}
	r.hasRows = true
	return next.row, nil
}

// LeaveOut reports whether a row that was read as the last of a file must be left for
// the next run after all: its line has no end, and the file has changed since. It
// may be called from another goroutine while Next runs.
func (r *Reader) LeaveOut(row worker.Row) bool {
	if !row.Unended || !r.changed() {
		return false
	}
	r.count(func(l *Layout) { l.Unfinished = row.Line })
	return true
}

func (r *Reader) end(err error) error {
	if err == io.EOF {
		if !r.hasRows {
			r.count(func(l *Layout) { l.NoRows = l.Unfinished == 0 })
		}
		return err
	}
	return r.explain(err)
}

// explain tells what the input is to blame for from a failure to read it.
func (r *Reader) explain(err error) error {
	unusable, ok := errors.AsType[*UnusableError](err)
	switch {
	case !ok:
		return fmt.Errorf("read input: %w", err)
	case unusable.isTorn && r.changed():
		return &UnusableError{Reason: "the gzip file ends in the middle: it is still being written", Hint: "wait until it is whole, then give it with --resume"}
	default:
		return unusable
	}
}

// read reads on to the next row, and settles the doubt about it.
func (r *Reader) read() item {
	next := r.readRecord()
	if !next.doubtful {
		return next
	}
	following := r.readRecord()
	r.pending = &following
	if invalid := following.row.Invalid; invalid != nil && invalid.Code == CodeMalformedRecord && next.row.Invalid == nil {
		malformed := malformedError{line: next.row.Line, raw: next.row.Raw, message: "a carriage return breaks the line in its username"}
		next.row = malformed.row()
	}
	return next
}

func (r *Reader) readRecord() item {
	if pending := r.pending; pending != nil {
		r.pending = nil
		return *pending
	}
	for {
		record, err := r.records.next()
		r.offset.Store(r.records.offset)
		if malformed, ok := errors.AsType[*malformedError](err); ok {
			if malformed.lastLine > malformed.line {
				r.countSpanning(malformed.line, malformed.lastLine)
			}
			return item{row: malformed.row()}
		}
		if err != nil {
			return item{err: err}
		}
		if record.lastLine > record.line {
			r.countSpanning(record.line, record.lastLine)
		}
		if max(r.layout.columns, len(record.fields)) > 1 && isEmpty(record.fields) {
			r.count(func(l *Layout) { l.EmptyRecords++ })
			continue
		}
		next := item{row: r.row(&record), doubtful: r.isDoubtful(&record)}
		next.row.Unended = record.lineEnd == ""
		return next
	}
}

func (r *Reader) isDoubtful(record *record) bool {
	return record.isLoose && record.lineEnd == "\r" && r.layout.columns > 1 && len(record.fields) == r.layout.username+1
}

func (r *Reader) countSpanning(first, last int) {
	r.count(func(l *Layout) {
		l.SpanningRecords++
		if last-first > l.LongestLast-l.LongestFirst {
			l.LongestFirst, l.LongestLast = first, last
		}
	})
}

// isEmpty reports that there is nothing in any cell. Where there is but one
// column, that is a user whose name is missing.
func isEmpty(fields []string) bool {
	for _, field := range fields {
		if field != "" && strings.TrimSpace(field) != "" {
			return false
		}
	}
	return true
}
