package rows

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"cognito-confirm/worker"
)

// records reads the records of a CSV, one at a time, whatever their columns mean.
type records struct {
	*splitter
	comma  string
	parser *csv.Reader
	// feed is what the parser reads: one record.
	feed   feed
	fields []string // used again for the next record
}

// record is one that could be parsed.
type record struct {
	// line and lastLine are those on which it starts and ends, counted from 1.
	line, lastLine int
	// fields are used again for the next record.
	fields  []string
	raw     string // its own bytes, with the line end where there is one
	lineEnd string
	isLoose bool // see piece
}

func newRecords(in io.Reader, o Options) *records {
	r := &records{splitter: newSplitter(in, o)}
	r.setDelimiter(o.Delimiter)
	return r
}

func (r *records) setDelimiter(delimiter rune) {
	r.splitter.setDelimiter(delimiter)
	r.comma = string(delimiter)
	r.parser = r.newParser(delimiter)
}

func (r *records) newParser(delimiter rune) *csv.Reader {
	parser := csv.NewReader(bufio.NewReaderSize(&r.feed, bufferSize))
	parser.Comma = delimiter
	parser.FieldsPerRecord = -1 // the layout decides how many there must be
	parser.ReuseRecord = true
	return parser
}

// next reads the next record. A [*malformedError] is that of one record, and
// the one after it can be read. Any other error is final; at the end it is [io.EOF].
func (r *records) next() (record, error) {
	if err := r.skip(); err != nil {
		return record{}, err
	}
	p, parsed, err := r.look()
	if err == nil || is[*malformedError](err) {
		if !p.dropped {
			r.take(p)
		}
	}
	return parsed, err
}

// look parses the next record, which is not taken, and does not skip.
func (r *records) look() (piece, record, error) {
	if p, ok := r.findLine(); ok {
		// A line may be no record, or only a part of one.
		if parsed, err := r.parsePiece(p); err == nil {
			return p, parsed, nil
		}
	}
	p, err := r.find()
	if err != nil {
		return piece{}, record{}, err
	}
	parsed, err := r.parse(p)
	return p, parsed, err
}

// parsePiece parses what may be a record. The error is that of the parser.
func (r *records) parsePiece(p piece) (record, error) {
	raw := string(p.bytes)
	fields, err := r.parseText(p, raw[:p.end])
	return record{line: p.line, lastLine: p.lastLine, fields: fields, raw: raw, lineEnd: raw[p.end:], isLoose: p.isLoose}, err
}

// parse parses a record whose end is known.
func (r *records) parse(p piece) (record, error) {
	if p.dropped {
		return record{}, r.overlong(p)
	}
	parsed, err := r.parsePiece(p)
	if err == nil {
		return parsed, nil
	}
	malformed := &malformedError{line: p.line, lastLine: p.lastLine, raw: parsed.raw, isUnended: p.isOpen || parsed.lineEnd == "", cause: err}
	column := 0
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		malformed.cause, column = inWords(parse.Err), parse.Column
	}
	if p.lastLine > p.line {
		malformed.message = fmt.Sprintf("lines %d to %d are one malformed record: a quotation mark opened on line %d is not closed, or closed in the wrong place",
			p.line, p.lastLine, p.line)
	} else {
		malformed.message = fmt.Sprintf("byte %d of the line: %v", column, malformed.cause)
	}
	return record{}, malformed
}

// inWords tells what encoding/csv tells in its own terms.
func inWords(err error) error {
	switch {
	case errors.Is(err, csv.ErrBareQuote):
		return errors.New("a quotation mark inside a cell that does not begin with one")
	case errors.Is(err, csv.ErrQuote):
		return errors.New("a quotation mark that is not closed, or something after the closing one")
	}
	return err
}

// split parses a record without quotation marks.
func (r *records) split(text string) []string {
	r.fields = r.fields[:0]
	for field := range strings.SplitSeq(text, r.comma) {
		r.fields = append(r.fields, field)
	}
	return r.fields
}

// largeRecord is from how many bytes on a record gets a parser of its own: a
// parser keeps room for the largest record that it has met.
const largeRecord = 1 << 20

// parseText parses the text of one record.
func (r *records) parseText(p piece, text string) ([]string, error) {
	if p.isPlain {
		return r.split(text), nil
	}
	r.feed.text, r.feed.end = text, "\n"
	if p.isOpen {
		r.feed.end = ""
	}
	parser := r.parser
	if len(text) > largeRecord {
		parser = r.newParser(parser.Comma)
	}
	return parser.Read()
}

// feed delivers one record, and then its line end.
type feed struct{ text, end string }

func (f *feed) Read(p []byte) (int, error) {
	if f.text == "" {
		f.text, f.end = f.end, ""
	}
	if f.text == "" {
		return 0, io.EOF
	}
	n := copy(p, f.text)
	f.text = f.text[n:]
	return n, nil
}

// overlong is the error for a record that was given up, and with it everything
// after its start.
func (r *records) overlong(p piece) *malformedError {
	malformed := &malformedError{line: p.line, lastLine: p.lastLine, cause: errOverlong}
	if p.isQuoted {
		malformed.message = fmt.Sprintf("lines %d to %d are one record of more than %s: a quotation mark on line %d is not closed",
			p.line, p.lastLine, byteSize(r.max), p.line)
	} else {
		malformed.message = fmt.Sprintf("line %d has more than %s, and what follows it was not read", p.line, byteSize(r.max))
	}
	return malformed
}

// errOverlong is the cause of a record that is longer than the limit.
var errOverlong = errors.New("it is too long for a record")

// malformedError tells which lines are a record that cannot be parsed, and why.
type malformedError struct {
	line, lastLine int
	raw            string
	isUnended      bool // the input ended, and not the record
	cause          error
	message        string
}

func (e *malformedError) Error() string { return e.message }

// row is the row that stands for the record in the report.
func (e *malformedError) row() worker.Row {
	row := worker.Row{Line: e.line, Raw: e.raw, Unended: e.isUnended, Invalid: &worker.Invalid{Code: CodeMalformedRecord, Message: e.message}}
	if e.lastLine > e.line {
		row.LastLine = e.lastLine
	}
	return row
}

func byteSize(n int) string {
	if n%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}
