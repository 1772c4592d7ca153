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
	csv     *csv.Reader
	rows    *gocsv.Unmarshaller // nil when no record could be parsed
	header  header
	columns []string
	// first holds the record that was read in place of a header, until Next
	// has handed it out; invalid those malformed records that came before it.
	first     []string
	firstLine int
	invalid   []Row
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
	text := bufio.NewReaderSize(in, 64<<10)
	if err := skipByteOrderMark(text); err != nil {
		return nil, readError(err)
	}
	r := &Reader{options: o, csv: csv.NewReader(text)}
	r.csv.Comma = o.Delimiter
	// gocsv copies the strings out of each record, so the slice can be used again.
	r.csv.ReuseRecord = true
	if err := r.readHeader(); err != nil {
		return nil, err
	}
	if r.rows != nil {
		if err := r.rows.RenormalizeHeaders(func([]string) []string { return r.header.names }); err != nil {
			return nil, fmt.Errorf("read header: %w", err)
		}
	}
	return r, nil
}

// readHeader reads the first record. Without a header it is the first row that
// can be parsed: what comes before it is kept for Next as malformed records.
func (r *Reader) readHeader() error {
	for {
		rows, err := gocsv.NewUnmarshaller(r.csv, record{})
		var parse *csv.ParseError
		switch {
		case err == nil:
			r.rows = rows
		case errors.Is(err, io.EOF) && len(r.invalid) > 0:
			return nil // nothing but malformed records
		case errors.Is(err, io.EOF):
			return &UnusableError{Reason: "the input is empty", Hint: "it needs a header line with a column named username"}
		case errors.As(err, &parse) && r.options.NoHeader:
			r.invalid = append(r.invalid, malformed(parse))
			continue
		case errors.As(err, &parse):
			return &UnusableError{
				Reason: fmt.Sprintf("the header on line %d is not valid CSV: %v", parse.StartLine, parse.Err),
				Hint:   "look for a stray quotation mark; --delimiter says what separates the columns",
			}
		default:
			return readError(err)
		}
		r.columns = slices.Clone(r.rows.Headers)
		if r.options.NoHeader {
			r.first = r.columns
			r.firstLine, _ = r.csv.FieldPos(0)
			r.header = newHeader(r.columns, 0)
			return refuseBinary(r.columns)
		}
		r.header, err = parseHeader(r.columns, r.options.UsernameColumn, r.options.Delimiter)
		return err
	}
}

// readError keeps an UnusableError as it is and says of all others what failed.
func readError(err error) error {
	if unusable := (*UnusableError)(nil); errors.As(err, &unusable) {
		return err
	}
	return fmt.Errorf("read input: %w", err)
}

// Header returns the header as it stood in the input, nil when it has none.
func (r *Reader) Header() []string {
	if r.options.NoHeader {
		return nil
	}
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
	if len(r.invalid) > 0 {
		row := r.invalid[0]
		r.invalid = r.invalid[1:]
		return row, nil
	}
	if r.first != nil {
		fields := r.first
		r.first = nil
		return r.row(r.firstLine, fields), nil
	}
	if r.rows == nil {
		return Row{}, io.EOF
	}
	value, others, err := r.rows.ReadUnmatched()
	var parse *csv.ParseError
	switch {
	case err == nil:
	case errors.As(err, &parse):
		return malformed(parse), nil
	case errors.Is(err, io.EOF):
		return Row{}, io.EOF
	default:
		return Row{}, readError(err)
	}
	line, _ := r.csv.FieldPos(0)
	return r.row(line, r.fields(value.(record), others)), nil
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
		row.Invalid.Message = fmt.Sprintf("column %d: %v", parse.Column, parse.Err)
	}
	return row
}
