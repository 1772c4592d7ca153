package report_test

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"cognito-confirm/worker"
)

const byteOrderMark = "\ufeff"

// source reads an input by encoding/csv alone, as simply as can be: the first
// column is the username. It is a [worker.Source].
type source struct {
	text   string // without a byte order mark
	csv    *csv.Reader
	header string   // the record's own bytes
	names  []string // of the columns
	fields []string // of the record that was read last, nil when it is malformed
}

func newSource(t testing.TB, text string, noHeader bool, delimiter rune) *source {
	t.Helper()
	return readSource(text, noHeader, delimiter)
}

func readSource(text string, noHeader bool, delimiter rune) *source {
	s := &source{text: strings.TrimPrefix(text, byteOrderMark)}
	s.csv = csv.NewReader(strings.NewReader(s.text))
	s.csv.Comma = delimiter
	if noHeader {
		return s
	}
	var err error
	if s.names, err = s.csv.Read(); err == nil {
		s.header = s.text[:s.csv.InputOffset()]
	}
	return s
}

func (s *source) Next() (worker.Row, error) {
	start := s.csv.InputOffset()
	var err error
	s.fields, err = s.csv.Read()
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		s.fields = nil
		row := worker.Row{Line: parse.StartLine, Raw: s.text[start:s.csv.InputOffset()], Invalid: &worker.Invalid{Code: "malformed_record", Message: "the record is malformed"}}
		if parse.Line > parse.StartLine {
			row.LastLine = parse.Line
		}
		return row, nil
	}
	if err != nil {
		return worker.Row{}, err
	}
	line, _ := s.csv.FieldPos(0)
	row := worker.Row{Line: line, Username: strings.TrimSpace(s.fields[0]), Raw: s.text[start:s.csv.InputOffset()]}
	switch {
	case row.Username == "":
		row.Invalid = &worker.Invalid{Code: "empty_username", Message: "the username is empty"}
	case !utf8.ValidString(row.Username) || strings.ContainsFunc(row.Username, unicode.IsControl):
		row.Invalid = &worker.Invalid{Code: "username_not_allowed", Message: "the username has characters that are not allowed"}
	}
	return row, nil
}

// isMalformed reports whether the record cannot be read.
func isMalformed(row worker.Row) bool {
	return row.Invalid != nil && row.Invalid.Code == "malformed_record"
}

// all reads every row.
func (s *source) all(t testing.TB) (rows []worker.Row, fields [][]string) {
	t.Helper()
	for {
		row, err := s.Next()
		if errors.Is(err, io.EOF) {
			return rows, fields
		}
		if err != nil {
			t.Fatalf("read %q: %v", s.text, err)
		}
		rows, fields = append(rows, row), append(fields, s.fields)
	}
}
