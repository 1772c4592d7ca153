package report

import (
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

// errNotReport is what a scan of any other file ends with.
var errNotReport = errors.New("not a report of this program; its first line is another one")

const notALine = "not a line of a report"

// Scan returns the lines of a report in the order in which they were written.
// A crash can leave a last line without its end, or zeros in its place; they are
// skipped. A [*DamagedError] is about one line, and the scan goes on after it;
// any other error ends it. The reader is read once, and so is the sequence.
func Scan(r io.Reader) iter.Seq2[Line, error] { return newScanner(r).all() }

// scanner reads a report. It decodes the lines without gocsv, which takes four
// times as long: ten million lines are to be read in seconds.
type scanner struct {
	source io.Reader
	lines  *wholeLines // what follows the header; nil without one
	csv    *csv.Reader
	// row takes the fields of the line that is being read, each through the
	// setter of its column.
	row     Line
	setters []func(string) error
	number  int // of the line of the report that was read last
}

func newScanner(r io.Reader) *scanner { return &scanner{source: r, number: 1} }

// whole returns how many bytes of the report are whole lines, once all of them
// were read. What follows is the line that a crash tore off.
func (s *scanner) whole() int64 {
	if s.lines == nil {
		return 0
	}
	return int64(len(headerLine())) + s.lines.passed
}

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
// had written that.
func (s *scanner) begin() error {
	header := headerLine()
	start := make([]byte, len(header))
	n, err := io.ReadFull(s.source, start)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("read report: %w", err)
	}
	if string(start[:n]) != header {
		torn := strings.TrimRight(string(start[:n]), "\x00")
		if !strings.HasPrefix(header, torn) {
			return errNotReport
		}
		return expectZeros(s.source)
	}
	columns := strings.Split(strings.TrimSuffix(header, "\n"), ",")
	s.setters = s.row.setters(columns)
	s.lines = &wholeLines{source: s.source, buffer: make([]byte, 64<<10)}
	s.csv = csv.NewReader(s.lines)
	s.csv.FieldsPerRecord = len(columns)
	s.csv.ReuseRecord = true
	return nil
}

// next reads one line after the header into row.
func (s *scanner) next() error {
	fields, err := s.csv.Read()
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		s.number = parse.StartLine + 1
		return s.damaged(parse.Err.Error())
	}
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	if err != nil {
		return fmt.Errorf("read report: %w", err)
	}
	line, _ := s.csv.FieldPos(0)
	s.number = line + 1
	for i, field := range fields {
		if s.setters[i](field) != nil {
			return s.damaged(notALine)
		}
	}
	if !s.row.possible() {
		return s.damaged(notALine)
	}
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

// wholeLines passes on what it reads up to the last line end. No field of a
// report has one in it, so what follows that is no whole line.
type wholeLines struct {
	source io.Reader
	// buffer[next:whole] is to be passed on, buffer[whole:end] waits for its
	// line end.
	buffer           []byte
	next, whole, end int
	err              error // what the source ended with
	passed           int64 // bytes up to the last line end
}

func (w *wholeLines) Read(p []byte) (int, error) {
	for w.next == w.whole {
		if err := w.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, w.buffer[w.next:w.whole])
	w.next += n
	return n, nil
}

// fill reads on, once everything whole was passed on.
func (w *wholeLines) fill() error {
	if w.err != nil {
		return w.err
	}
	waiting := copy(w.buffer, w.buffer[w.whole:w.end])
	if waiting == len(w.buffer) {
		w.buffer = append(w.buffer, make([]byte, len(w.buffer))...)
	}
	var n int
	n, w.err = w.source.Read(w.buffer[waiting:])
	w.next, w.whole, w.end = 0, 0, waiting+n
	if at := bytes.LastIndexByte(w.buffer[waiting:w.end], '\n'); at >= 0 {
		w.whole = waiting + at + 1
		w.passed += int64(w.whole)
	}
	return nil
}

// expectZeros reads to the end, which it returns as [io.EOF]. A power cut may
// leave zeros in the place of what was not synced; anything else is no report.
func expectZeros(r io.Reader) error {
	block := make([]byte, 64<<10)
	for {
		n, err := r.Read(block)
		if len(bytes.TrimLeft(block[:n], "\x00")) > 0 {
			return errNotReport
		}
		if errors.Is(err, io.EOF) {
			return io.EOF
		}
		if err != nil {
			return fmt.Errorf("read report: %w", err)
		}
	}
}
