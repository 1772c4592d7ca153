package report

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"io"
	"slices"

	"cognito-confirm/worker"
)

// failures finds again what the report tells of a row that did not succeed. It
// knows where the lines of such rows begin, in 16 bytes a row: what they say
// takes ten times as much.
type failures struct {
	report io.ReaderAt
	path   string
	layout layout
	lines  []failure
	// file takes the place of lines in a merge; nil elsewhere.
	file *failureFile

	// reach is how many bytes are read at once. Rows that finished one after the
	// other stand near to each other; those of several shards do not.
	reach int
	block []byte // of the report
	from  int64  // where it begins
	// parsed is what the CSV parser reads: one line. A buffer of its own for each
	// would be most of the garbage of a merge.
	parsed bufio.Reader
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
	text, err := f.textAt(offset)
	if err != nil {
		return reason{}, err
	}
	f.parsed.Reset(bytes.NewReader(text))
	reader := csv.NewReader(&f.parsed)
	reader.Comma = f.layout.delimiter
	reader.FieldsPerRecord = len(f.layout.columns)
	fields, err := reader.Read()
	if err != nil {
		return reason{}, f.changed()
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

// textAt returns the line of the report that begins at the offset.
func (f *failures) textAt(offset int64) ([]byte, error) {
	for size := f.reach; ; size *= 2 {
		if at := offset - f.from; at >= 0 && at < int64(len(f.block)) {
			text := f.block[at:]
			if end := bytes.IndexByte(text, '\n'); end >= 0 {
				return text[:end+1], nil
			}
		}
		if size > 2*maxLine {
			return nil, f.changed()
		}
		// Rows finish nearly in the order of the input: the next one may be a
		// little before this one.
		f.from = max(0, offset-int64(f.reach)/4)
		f.block = slices.Grow(f.block[:0], size)[:size]
		n, err := f.report.ReadAt(f.block, f.from)
		f.block = f.block[:n]
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if errors.Is(err, io.EOF) && !bytes.Contains(f.block[min(int64(n), offset-f.from):], []byte("\n")) {
			return nil, f.changed()
		}
	}
}
