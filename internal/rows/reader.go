package rows

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"

	"cognito-confirm/worker"
)

// Reader reads rows from a CSV, one at a time. It is a [worker.Source]. It is
// not safe for concurrent use, except for [Reader.Offset].
type Reader struct {
	records *records
	layout  layout
	columns []string    // of the header, nil without one
	header  string      // its own bytes
	first   *worker.Row // was read in place of a header; nil once Next has returned it
	mark    int64       // bytes before the first record
	offset  atomic.Int64
}

// NewReader reads as far as the header, or the first row when there is none,
// and finds the columns. The input is plain text: [Open] unpacks. The error is
// an [*UnusableError] when the input is not a CSV of users, and a wrapped read
// error otherwise.
func NewReader(in io.Reader, o Options) (*Reader, error) {
	o = o.withDefaults()
	r := &Reader{}
	err := r.start(bufio.NewReader(in), o)
	if err == nil {
		return r, nil
	}
	if errors.Is(err, io.EOF) {
		err = &UnusableError{Reason: "the input is empty", Hint: "it needs a header line with a column of usernames, or users alone and --no-header"}
	}
	if _, ok := errors.AsType[*UnusableError](err); ok {
		return nil, err
	}
	return nil, fmt.Errorf("read input: %w", err)
}

// start reads the first record, with a header or without: what cannot be used
// has to be refused before anything else is done.
func (r *Reader) start(text *bufio.Reader, o Options) error {
	mark, err := skipByteOrderMark(text)
	if err != nil {
		return err
	}
	r.mark, r.records = mark, newRecords(text, o)
	if o.NoHeader {
		return r.startWithRow()
	}
	if err := refuseJSON(text); err != nil {
		return err
	}
	return r.startWithHeader(o)
}

func (r *Reader) startWithHeader(o Options) error {
	header, err := r.next()
	if malformed, ok := errors.AsType[*malformedError](err); ok {
		return &UnusableError{
			Reason: fmt.Sprintf("the header on line %d is not valid CSV: %v", malformed.line, malformed.cause),
			Hint:   "look for a stray quotation mark; --delimiter says what separates the columns",
		}
	}
	if err != nil {
		return err
	}
	r.columns, r.header = slices.Clone(header.fields), string(header.raw)
	r.layout, err = parseHeader(r.columns, o.UsernameColumn, o.Delimiter)
	return err
}

func (r *Reader) startWithRow() error {
	record, err := r.next()
	if err := refuseBinary(record.fields); err != nil {
		return err
	}
	row, err := r.row(record, err)
	r.first = &row
	return err
}

// Header returns the header's own bytes with their line end, without a byte
// order mark and blank lines before it. It is empty when there is no header.
func (r *Reader) Header() string { return r.header }

// Columns returns the names of the columns as the header has them, nil when
// there is no header.
func (r *Reader) Columns() []string { return slices.Clone(r.columns) }

// MetadataColumns returns the keys of the client metadata columns, in the
// order of the columns.
func (r *Reader) MetadataColumns() []string {
	var keys []string
	for _, column := range r.layout.metadata {
		keys = append(keys, column.key)
	}
	return keys
}

// Offset returns how many bytes of the unpacked input were read for the rows
// so far. It may be called from another goroutine while Next runs.
func (r *Reader) Offset() int64 { return r.offset.Load() }

// Next returns the next row. A record that cannot be parsed is a row too, an
// invalid one, and Next goes on after it. At the end the error is [io.EOF]; any
// other error is a failure to read, and nothing can be read after it.
func (r *Reader) Next() (worker.Row, error) {
	if r.first != nil {
		row := *r.first
		r.first = nil
		return row, nil
	}
	row, err := r.row(r.next())
	if err != nil && !errors.Is(err, io.EOF) {
		return worker.Row{}, fmt.Errorf("read input: %w", err)
	}
	return row, err
}

func (r *Reader) next() (record, error) {
	record, err := r.records.next()
	r.offset.Store(r.mark + r.records.offset())
	return record, err
}

// row makes a row of what [records.next] returned.
func (r *Reader) row(record record, err error) (worker.Row, error) {
	if malformed, ok := errors.AsType[*malformedError](err); ok {
		return malformed.row(), nil
	}
	if err != nil {
		return worker.Row{}, err
	}
	if r.layout.columns == 0 { // there is no header, and this is the first one that could be parsed
		r.layout.columns = len(record.fields)
	}
	if len(record.fields) != r.layout.columns {
		malformed := malformedError{line: record.line, message: "the record has another number of columns than the first one"}
		return malformed.row(), nil
	}
	row := worker.Row{
		Line:     record.line,
		Username: strings.TrimSpace(record.fields[r.layout.username]),
		Raw:      string(record.raw),
	}
	row.Invalid = validateUsername(row.Username)
	for _, column := range r.layout.metadata {
		key, value := column.key, record.fields[column.position]
		if value == "" {
			continue // an empty cell says nothing; the run's own value stands
		}
		if row.Invalid == nil {
			row.Invalid = ValidateMetadata(key, value)
		}
		if row.ClientMetadata == nil {
			row.ClientMetadata = make(map[string]string, len(r.layout.metadata))
		}
		row.ClientMetadata[key] = value
	}
	return row, nil
}
