package report

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/gocarina/gocsv"

	"cognito-confirm/worker"
)

// DamagedError means that a run cannot have written a line of a report.
type DamagedError struct {
	// Line is the line of the report, whose header is line 1.
	Line   int
	Reason string
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("damaged on line %d: %s", e.Line, e.Reason)
}

// ErrNotReport is what a scan of any other file ends with.
var ErrNotReport = errors.New("not a report of this program; its first line is another one")

const notALine = "not a line of a report"

// Scan returns the lines of a report in the order in which they stand there,
// whatever version or spreadsheet wrote it. A crash can leave a last line
// without its end, or zeros in its place; they are skipped. A [*DamagedError]
// is about one line, and the scan goes on after it; any other error ends it.
// The reader is read once, and so is the sequence.
func Scan(r io.Reader) iter.Seq2[Line, error] { return newScanner(r).all() }

// IsReport reports whether a file that starts with these bytes is a report, or what a
// crash left of one. Four kilobytes are enough.
func IsReport(start []byte) bool {
	for _, err := range Scan(bytes.NewReader(start)) {
		return !errors.Is(err, ErrNotReport)
	}
	return true
}

// scanner reads a report. It decodes the lines without gocsv, which takes four
// times as long: ten million lines are to be read in seconds.
type scanner struct {
	source *bufio.Reader
	header string // with its line end, "" before begin and in an empty report
	layout layout
	lines  *lineReader
	csv    *csv.Reader
	// row takes the fields of the line that is being read, each through the
	// setter of its column.
	row     Line
	fields  []string
	setters []func(string) error
	number  int    // of the line of the report that was read last
	pool    string // the user pool of the lines before, which is known to be possible
}

func newScanner(r io.Reader) *scanner {
	return &scanner{source: bufio.NewReaderSize(r, 64<<10)}
}

// whole returns how many bytes of the report are whole lines, once all of them
// were read. What follows is the line that a crash tore off.
func (s *scanner) whole() int64 {
	if s.lines == nil {
		return 0
	}
	return int64(len(s.header)) + s.lines.passed
}

// offset returns where the line that was read last begins in the report.
func (s *scanner) offset() int64 { return int64(len(s.header)) + s.lines.start }

func (s *scanner) all() iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		err := s.begin()
		for err == nil {
			if err = s.next(); errors.Is(err, io.EOF) {
				return
			}
			if _, isDamaged := errors.AsType[*DamagedError](err); err == nil || isDamaged {
				if !yield(s.row, err) {
					return
				}
				err = nil
			}
		}
		if !errors.Is(err, io.EOF) {
			yield(Line{}, err)
		}
	}
}

// begin reads the header. It returns [io.EOF] when a run was killed before it
// had written that. After a header, doing it again does nothing.
func (s *scanner) begin() error {
	if s.lines != nil {
		return nil
	}
	start, err := s.source.ReadSlice('\n')
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return fmt.Errorf("read report: %w", err)
	}
	header, isReport := parseHeader(string(start))
	if err == nil && isReport {
		s.read(string(start), header)
		return nil
	}
	torn := strings.TrimRight(string(start), "\x00")
	if !strings.HasPrefix(headerLine(), torn) {
		return ErrNotReport
	}
	return expectZeros(s.source)
}

// read makes the lines those of a layout.
func (s *scanner) read(header string, l layout) {
	s.header, s.layout = header, l
	s.setters = s.row.setters(l.columns)
	s.lines = &lineReader{source: s.source}
	s.csv = l.newParser(s.lines)
	s.number = 1
}

// next reads one line after the header into row.
func (s *scanner) next() (err error) {
	hasZeros := false
	for {
		if err = s.lines.advance(); err != nil && !errors.Is(err, errLongLine) {
			return err
		}
		s.number++
		if err != nil {
			return s.damaged(err.Error())
		}
		// As a power cut leaves them; no run writes one.
		hasZeros = bytes.IndexByte(s.lines.line, 0) >= 0
		s.fields, err = s.csv.Read()
		if !errors.Is(err, io.EOF) {
			break
		}
		// Nothing but a line end: an editor's.
	}
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		return s.damaged(parse.Err.Error())
	}
	if err != nil {
		return fmt.Errorf("read report: %w", err)
	}
	for i, field := range s.fields {
		if s.setters[i](field) != nil {
			return s.damaged(notALine)
		}
	}
	if hasZeros || !s.row.possible() || s.row.UserPoolID != s.pool && !isUserPoolID(s.row.UserPoolID) {
		return s.damaged(notALine)
	}
	s.pool = s.row.UserPoolID
	return nil
}

func (s *scanner) damaged(reason string) error {
	s.row = Line{}
	return &DamagedError{s.number, reason}
}

// setters returns a function for each column that puts its text into the field
// of l with that csv tag.
func (l *Line) setters(columns []string) []func(string) error {
	fields := make(map[string]any)
	value := reflect.ValueOf(l).Elem()
	for i := range value.NumField() {
		fields[value.Type().Field(i).Tag.Get("csv")] = value.Field(i).Addr().Interface()
	}
	setters := make([]func(string) error, len(columns))
	for i, column := range columns {
		switch field := fields[column].(type) {
		case *string:
			setters[i] = func(text string) error { *field = text; return nil }
		case *worker.Status:
			setters[i] = func(text string) error { *field = worker.Status(text); return nil }
		case *int:
			setters[i] = func(text string) error {
				// Base 10 and no sign: the text that was written, and no other.
				n, err := strconv.ParseUint(text, 10, strconv.IntSize-1)
				*field = int(n)
				return err
			}
		case gocsv.TypeUnmarshaller:
			setters[i] = field.UnmarshalCSV
		default:
			panic(fmt.Sprintf("column %s of the report is a %T, which nothing reads", column, field))
		}
	}
	return setters
}

// possible reports whether a run can have written the line. Nobody has made
// more attempts than 31 bits hold, and sums of them must not overflow.
func (l *Line) possible() bool {
	return l.Line >= 1 && l.Status.Known() && l.Throttled <= l.Attempts && l.Attempts <= math.MaxInt32
}

// isUserPoolID reports whether a text can be the id of a user pool, or is none.
func isUserPoolID(text string) bool {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return strings.Trim(text, allowed) == ""
}

// lineReader passes on one whole line at a time. No field of a report has a
// line end in it, so a line that is damaged takes no other one with it, not
// even one with a quotation mark that is never closed.
type lineReader struct {
	source *bufio.Reader
	line   []byte // what Read has yet to pass on
	long   []byte // a line that does not fit into the source's buffer
	start  int64  // where the line begins, counted from the first one
	passed int64  // bytes of whole lines
}

// maxLine is longer than any line of a report: a username of 16 MiB, escaped.
const maxLine = 128 << 20

var errLongLine = errors.New("longer than any line of a report")

// advance goes to the next line. It returns [io.EOF] after the last whole one,
// and errLongLine for one that it skips.
func (l *lineReader) advance() error {
	l.long = l.long[:0]
	l.start = l.passed
	length := 0
	for {
		part, err := l.source.ReadSlice('\n')
		length += len(part)
		if err == nil && length == len(part) {
			l.line = part
			l.passed += int64(length)
			return nil
		}
		if length <= maxLine {
			l.long = append(l.long, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if errors.Is(err, io.EOF) {
			return io.EOF
		}
		if err != nil {
			return fmt.Errorf("read report: %w", err)
		}
		l.passed += int64(length)
		if length > maxLine {
			return errLongLine
		}
		l.line = l.long
		return nil
	}
}

// Read ends with the line. After advance it goes on.
func (l *lineReader) Read(p []byte) (int, error) {
	if len(l.line) == 0 {
		return 0, io.EOF
	}
	n := copy(p, l.line)
	l.line = l.line[n:]
	return n, nil
}

// expectZeros reads to the end, which it returns as [io.EOF]. A power cut may
// leave zeros in the place of what was not synced; anything else is not a report.
func expectZeros(r io.Reader) error {
	block := make([]byte, 64<<10)
	for {
		n, err := r.Read(block)
		if len(bytes.TrimLeft(block[:n], "\x00")) > 0 {
			return ErrNotReport
		}
		if errors.Is(err, io.EOF) {
			return io.EOF
		}
		if err != nil {
			return fmt.Errorf("read report: %w", err)
		}
	}
}
