package worker

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gocarina/gocsv"
)

// ReaderOptions say how the input is laid out.
type ReaderOptions struct {
	// UsernameColumn names the column of usernames, compared without regard to
	// case and surrounding space. Empty: "username", else "cognito:username".
	UsernameColumn string
	// NoHeader says that the first record is already a user and that the
	// first column is the username.
	NoHeader bool
	// Delimiter separates the fields. Zero: a comma.
	Delimiter rune
}

// Reader reads rows from a CSV, one at a time. It is a [Source]. It is not
// safe for concurrent use.
type Reader struct {
	options ReaderOptions
	input   *input
	text    *bufio.Reader // of the input, shared with csv
	csv     *csv.Reader
	rows    *gocsv.Unmarshaller // nil as long as no record could be parsed
	header  header
	columns []string // the header line, nil when there is none
	first   *Row     // was read in place of a header, nil when Next has handed it out
}

// record is what gocsv decodes a record into. It has the one column that this
// program understands; the others come as the unmatched columns.
type record struct {
	Username string `csv:"username"`
}

// NewReader reads as far as the header and finds the columns in it. The error
// is an [*UnusableError] when the input is not a CSV with a username column,
// and a wrapped read error otherwise.
func NewReader(in io.Reader, o ReaderOptions) (*Reader, error) {
	if o.Delimiter == 0 {
		o.Delimiter = ','
	}
	raw := &input{in: in}
	text := bufio.NewReaderSize(raw, 64<<10)
	r := &Reader{options: o, input: raw, text: text, csv: csv.NewReader(text)}
	r.csv.Comma = o.Delimiter
	// gocsv copies the strings out of each record, so the slice can be used again.
	r.csv.ReuseRecord = true
	err := r.start()
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

// Header returns the header as it stood in the input, nil when it has none.
func (r *Reader) Header() []string {
	return slices.Clone(r.columns)
}

// MetadataColumns returns the keys of the client metadata columns, in the
// order of the columns.
func (r *Reader) MetadataColumns() []string {
	var keys []string
	for _, column := range r.header.metadata {
		keys = append(keys, column.key)
	}
	return keys
}

// Next returns the next row. A record that cannot be parsed is a row too, an
// invalid one, and Next goes on behind it. At the end the error is [io.EOF];
// any other error is a failure to read, and nothing can be read after it.
func (r *Reader) Next() (Row, error) {
	if r.first != nil {
		row := *r.first
		r.first = nil
		return row, nil
	}
	row, err := r.read()
	if err != nil && !errors.Is(err, io.EOF) {
		return Row{}, fmt.Errorf("read input: %w", err)
	}
	return row, err
}

// read reads the next row.
func (r *Reader) read() (Row, error) {
	r.input.begin(r.text.Buffered())
	fields, err := r.readRecord()
	if r.input.overlong {
		return r.overlong(err)
	}
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		return malformed(parse), r.input.torn(r.text.Buffered())
	}
	if err != nil {
		return Row{}, err
	}
	line, _ := r.csv.FieldPos(0)
	return r.row(line, fields), nil
}

func (r *Reader) readRecord() ([]string, error) {
	if r.rows == nil { // there is no header, and nothing could be parsed so far
		fields, err := r.readColumns()
		if err != nil {
			return nil, err
		}
		return fields, r.nameColumns(newHeader(fields, 0))
	}
	value, others, err := r.rows.ReadUnmatched()
	if err != nil {
		return nil, err
	}
	return r.fields(value.(record), others), nil
}

// fields puts the columns that gocsv told apart back into their order.
func (r *Reader) fields(decoded record, others map[string]string) []string {
	fields := make([]string, len(r.header.names))
	for i, name := range r.header.names {
		if i == r.header.username {
			fields[i] = decoded.Username
		} else {
			fields[i] = others[name]
		}
	}
	return fields
}

func (r *Reader) row(line int, fields []string) Row {
	row := Row{Line: line, Username: strings.TrimSpace(fields[r.header.username]), Fields: fields}
	row.Invalid = validateUsername(row.Username)
	for _, column := range r.header.metadata {
		key, value := column.key, fields[column.position]
		if value == "" {
			continue // an empty cell says nothing; the run's own value stands
		}
		if row.Invalid == nil {
			row.Invalid = ValidateMetadata(key, value)
		}
		if row.ClientMetadata == nil {
			row.ClientMetadata = make(map[string]string, len(r.header.metadata))
		}
		row.ClientMetadata[key] = value
	}
	return row
}

// overlong is the row of a record that was given up, and with it all that
// stood behind its start.
func (r *Reader) overlong(err error) (Row, error) {
	r.input.overlong = false
	line, last := 0, 0
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		line, last = parse.StartLine, parse.Line
	} else if err != nil {
		return Row{}, err
	} else {
		line, _ = r.csv.FieldPos(0)
		last = line
	}
	if !errors.Is(r.input.err, io.EOF) {
		return Row{}, r.input.err
	}
	row := Row{Line: line, LastLine: last + r.input.dropped}
	row.Invalid = &Invalid{CodeMalformedRecord, fmt.Sprintf("lines %d to %d are one record of more than %d MiB: a quotation mark on line %d is not closed",
		row.Line, row.LastLine, maxRecord>>20, row.Line)}
	return row, nil
}

func malformed(parse *csv.ParseError) Row {
	row := Row{Line: parse.StartLine, Invalid: &Invalid{Code: CodeMalformedRecord}}
	switch {
	case errors.Is(parse.Err, csv.ErrFieldCount):
		row.Invalid.Message = "the record has another number of columns than the first one"
	case parse.Line > parse.StartLine:
		row.LastLine = parse.Line
		row.Invalid.Message = fmt.Sprintf("lines %d to %d are one malformed record: a quotation mark opened on line %d is not closed, or closed in the wrong place",
			parse.StartLine, parse.Line, parse.StartLine)
	default:
		row.Invalid.Message = fmt.Sprintf("byte %d of the line: %v", parse.Column, parse.Err)
	}
	return row
}
