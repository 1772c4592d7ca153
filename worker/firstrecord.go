package worker

import (
	"encoding/csv"
	"errors"
	"fmt"

	"github.com/gocarina/gocsv"
)

// start reads the first record, with a header or without: what cannot be used
// has to be refused before anything else is done.
func (r *Reader) start() error {
	if err := skipByteOrderMark(r.text); err != nil {
		return err
	}
	if !r.options.NoHeader {
		return r.readHeader()
	}
	row, err := r.read()
	if err != nil {
		return err
	}
	r.first = &row
	return refuseBinary(row.Fields)
}

func (r *Reader) readHeader() error {
	if err := refuseJSON(r.text); err != nil {
		return err
	}
	columns, err := r.readColumns()
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		if err := r.input.torn(r.text.Buffered()); err != nil {
			return err
		}
		return &UnusableError{
			Reason: fmt.Sprintf("the header on line %d is not valid CSV: %v", parse.StartLine, parse.Err),
			Hint:   "look for a stray quotation mark; --delimiter says what separates the columns",
		}
	}
	if err != nil {
		return err
	}
	r.columns = columns
	h, err := parseHeader(columns, r.options.UsernameColumn, r.options.Delimiter)
	if err != nil {
		return err
	}
	return r.nameColumns(h)
}

// readColumns reads a record of which nothing is known yet. From the first one
// that can be parsed on, all must have as many columns.
func (r *Reader) readColumns() ([]string, error) {
	rows, err := gocsv.NewUnmarshaller(r.csv, record{})
	if err != nil {
		// The parser keeps the number of columns that it saw before a mistake.
		r.csv.FieldsPerRecord = 0
		return nil, err
	}
	r.rows = rows
	return rows.Headers, nil
}

// nameColumns tells gocsv which columns there are.
func (r *Reader) nameColumns(h header) error {
	r.header = h
	return r.rows.RenormalizeHeaders(func([]string) []string { return h.names })
}
