package rows

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"cognito-confirm/worker"
)

// records reads the records of a CSV, one at a time, whatever their columns mean.
type records struct {
	input *rawBytes
	csv   *csv.Reader
}

// record is one that could be parsed. Both slices are used again for the next one.
type record struct {
	line   int // on which it starts, counted from 1
	fields []string
	raw    []byte // its own bytes, with the line end where there is one
}

func newRecords(in io.Reader, o Options) *records {
	input := &rawBytes{in: in, max: o.MaxRecord}
	parser := csv.NewReader(bufio.NewReaderSize(input, bufferSize))
	parser.Comma = o.Delimiter
	parser.FieldsPerRecord = -1 // the layout decides how many there must be
	parser.ReuseRecord = true
	return &records{input: input, csv: parser}
}

// next reads the next record. A [*malformedError] is that of one record, and
// the one after it can be read. Any other error is final; at the end it is [io.EOF].
func (r *records) next() (record, error) {
	fields, err := r.csv.Read()
	if r.input.dropped > 0 {
		return record{}, r.overlong(err)
	}
	if err == nil {
		line, _ := r.csv.FieldPos(0)
		return record{line, fields, r.input.take(r.csv.InputOffset())}, nil
	}
	parse, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		return record{}, err
	}
	raw := r.input.take(r.csv.InputOffset())
	if err := r.input.torn(raw); err != nil {
		return record{}, err
	}
	malformed := &malformedError{line: parse.StartLine, cause: parse.Err}
	if parse.Line > parse.StartLine {
		malformed.lastLine = parse.Line
		malformed.message = fmt.Sprintf("lines %d to %d are one malformed record: a quotation mark opened on line %d is not closed, or closed in the wrong place",
			parse.StartLine, parse.Line, parse.StartLine)
	} else {
		malformed.message = fmt.Sprintf("byte %d of the line: %v", parse.Column, parse.Err)
	}
	return record{}, malformed
}

// overlong is the error for a record that was given up, and with it everything
// after its start. err is what the parser said when the input ended for it.
func (r *records) overlong(err error) error {
	if !errors.Is(r.input.err, io.EOF) {
		return r.input.err
	}
	malformed := &malformedError{cause: errOverlong}
	quoted := false
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		malformed.line, quoted = parse.StartLine, errors.Is(parse.Err, csv.ErrQuote)
	} else {
		malformed.line, _ = r.csv.FieldPos(0)
	}
	last := malformed.line + r.input.dropped - 1
	if last > malformed.line {
		malformed.lastLine = last
	}
	r.input.dropped = 0
	if quoted {
		malformed.message = fmt.Sprintf("lines %d to %d are one record of more than %s: a quotation mark on line %d is not closed",
			malformed.line, last, byteSize(r.input.max), malformed.line)
	} else {
		malformed.message = fmt.Sprintf("line %d has more than %s, and what follows it was not read", malformed.line, byteSize(r.input.max))
	}
	return malformed
}

// offset is how many bytes of the input the records so far took.
func (r *records) offset() int64 { return r.input.offset }

// errOverlong is the cause of a record that is longer than the limit.
var errOverlong = errors.New("it is too long for a record")

// malformedError says which lines are a record that cannot be parsed, and why.
type malformedError struct {
	line, lastLine int // lastLine is 0 when the record is on one line
	cause          error
	message        string
}

func (e *malformedError) Error() string { return e.message }

// row is the row that stands for the record in the report.
func (e *malformedError) row() worker.Row {
	return worker.Row{Line: e.line, LastLine: e.lastLine, Invalid: &worker.Invalid{Code: CodeMalformedRecord, Message: e.message}}
}

func byteSize(n int) string {
	if n%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}
