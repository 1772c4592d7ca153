package report

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"slices"

	"cognito-confirm/worker"
)

// failures finds again what the report tells of a row that did not succeed. It
// keeps where the lines of such rows begin, in 16 bytes a row: the lines themselves
// would take ten times as much.
type failures struct {
	report io.ReaderAt
	path   string
	layout layout
	lines  []failure
	// file takes the place of lines in a merge; nil elsewhere.
	file *failureFile
	// reader takes one line at a time from source, which is at this place in the report, to
	// the parser. New ones for each line would be most of the garbage of a merge.
	source bufio.Reader
	at     int64
	reader lineReader
	csv    *csv.Reader // nil before the first find
}

type failure struct {
	line   int   // of the input
	offset int64 // in the report
}

func (f *failures) add(line int, offset int64) { f.lines = append(f.lines, failure{line, offset}) }

// sort has to come between the last add and the first find.
func (f *failures) sort() {
	slices.SortFunc(f.lines, func(a, b failure) int { return cmp.Compare(a.line, b.line) })
}

// find returns why the row on that line of the input did not succeed.
func (f *failures) find(line int) (reason, error) {
	offset, err := f.offsetOf(line)
	if err != nil {
		return reason{}, err
	}
	// Rows finish nearly in the order of the input: the line is often one of the next.
	if skip := offset - f.at; skip >= 0 && skip <= int64(f.source.Buffered()) {
		_, _ = f.source.Discard(int(skip)) // it has as many
	} else {
		f.source.Reset(io.NewSectionReader(f.report, offset, math.MaxInt64-offset))
	}
	if f.csv == nil {
		f.reader.source = &f.source
		f.csv = f.layout.newParser(&f.reader)
	}
	var fields []string
	if err = f.reader.advance(); err == nil {
		fields, err = f.csv.Read()
	}
	f.at = offset + f.reader.passed - f.reader.start
	if _, isSpoilt := errors.AsType[*csv.ParseError](err); isSpoilt || errors.Is(err, io.EOF) || errors.Is(err, errLongLine) {
		return reason{}, f.changed()
	}
	if err != nil {
		return reason{}, err
	}
	field := func(column string) string { return fields[slices.Index(f.layout.columns, column)] }
	return reason{worker.Status(field("status")), field("code"), field("message")}, nil
}

// offsetOf returns where the line of a row begins in the report.
func (f *failures) offsetOf(line int) (int64, error) {
	if f.file != nil {
		offset, err := f.file.find(line)
		if err == nil && offset == 0 {
			err = f.changed()
		}
		return offset, err
	}
	at, found := slices.BinarySearchFunc(f.lines, line, func(f failure, line int) int { return cmp.Compare(f.line, line) })
	if !found {
		return 0, f.changed()
	}
	return f.lines[at].offset, nil
}

func (f *failures) changed() error { return &ChangedError{f.path, "was changed"} }
