package rows

import (
	"bytes"
	"errors"
	"io"
)

// splitter cuts the text into records and counts their lines. It knows the four
// line ends that are met (LF, CRLF, CR, and the CRCRLF of a file converted
// twice), and of the CSV only what a record's end depends on: which line ends
// stand inside quotation marks. What the record means is for [encoding/csv].
//
// Its first error is final: there is a hole after a failure, and what comes
// after the hole must not pass for the next row or for the end.
type splitter struct {
	in        io.Reader
	max       int // bytes of one record, without its line end
	delimiter []byte

	buffer []byte // read, and not yet taken from start on
	start  int
	offset int64 // of buffer[start] in the text
	err    error // the first one

	line int // on which the next record starts, counted from 1
	// hasOldLineEnds reports that the lines end with CR alone: the first one does.
	hasOldLineEnds, sawLineEnd bool
	afterCR                    bool // the last record taken ended with CR alone
}

// piece is one record as it stands in the text. Its bytes are valid until the
// next record is cut off.
type piece struct {
	bytes          []byte // with the line end
	end            int    // of the record's own text, where its line end begins
	line, lastLine int
	isPlain        bool // one line without quotation marks
	isOpen         bool // the text ended inside quotation marks
	// isLoose reports that the record is separated from one of its neighbours by a
	// CR, in a text whose lines end otherwise.
	isLoose bool
	// dropped means that the record was too long. Its bytes are gone, and so is
	// everything after them.
	dropped, isQuoted bool
}

func (p *piece) lineEnd() string { return string(p.bytes[p.end:]) }

func newSplitter(in io.Reader, o Options) *splitter {
	s := &splitter{in: in, max: o.MaxRecord, line: 1}
	s.setDelimiter(o.Delimiter)
	return s
}

func (s *splitter) setDelimiter(delimiter rune) { s.delimiter = []byte(string(delimiter)) }

// take moves over a record that find has found.
func (s *splitter) take(p piece) {
	s.note(p.lineEnd())
	s.line = p.lastLine + 1
	s.advance(len(p.bytes))
}

// note remembers a line end that was passed.
func (s *splitter) note(lineEnd string) {
	if !s.sawLineEnd {
		s.hasOldLineEnds = lineEnd == "\r"
	}
	s.sawLineEnd = true
	s.afterCR = lineEnd == "\r"
}

func (s *splitter) advance(n int) {
	s.start += n
	s.offset += int64(n)
}

// rest is what was read and is not taken.
func (s *splitter) rest() []byte { return s.buffer[s.start:] }

// byteOrderMark stands at the start of some files, and therefore in the middle
// of some that were put together from others.
const byteOrderMark = "\ufeff"

// skip moves to the start of the next record.
func (s *splitter) skip() error {
	for {
		if s.start == len(s.buffer) {
			if err := s.more(); err != nil {
				return err
			}
		}
		switch s.rest()[0] {
		case '\n', '\r':
			n := s.lineEnd(0)
			s.note(string(s.rest()[:n]))
			s.line++
			s.advance(n)
		case byteOrderMark[0]:
			for len(s.rest()) < len(byteOrderMark) && s.more() == nil {
			}
			if !bytes.HasPrefix(s.rest(), []byte(byteOrderMark)) {
				return nil
			}
			s.advance(len(byteOrderMark))
		default:
			return nil
		}
	}
}

// lineEnd returns the length of the line end that begins with buffer[start+at].
func (s *splitter) lineEnd(at int) int {
	if s.rest()[at] == '\n' {
		return 1
	}
	if s.at(at+1) == '\n' {
		return 2
	}
	if s.at(at+1) == '\r' && s.at(at+2) == '\n' {
		return 3
	}
	return 1
}

// at returns a byte after start, or 0 where the text has ended.
func (s *splitter) at(i int) byte {
	for i >= len(s.rest()) {
		if s.more() != nil {
			return 0
		}
	}
	return s.rest()[i]
}

// startsWith reports whether the next record starts with a text, in any case. It
// reads only as much as that takes.
func (s *splitter) startsWith(lower string) bool {
	for i := range len(lower) {
		if b := s.at(i); b != lower[i] && b|0x20 != lower[i] {
			return false
		}
	}
	return true
}

// find finds the end of the record that begins at start, and takes nothing.
func (s *splitter) find() (piece, error) {
	at, quoted, hasMarks := 0, false, false
	// A quotation mark opens a field at its start. Anywhere else it is a
	// mistake, and the record ends with the line.
	fieldStart, mistaken := true, false
	for {
		rest := s.rest()
		limit := min(len(rest), s.max+1)
	scan:
		for at < limit {
			if quoted {
				mark := bytes.IndexByte(rest[at:limit], '"')
				if mark < 0 {
					at = limit
					break scan
				}
				at += mark
				after := rest[at+1:]
				switch {
				case s.err == nil && (len(after) == 0 || after[0] == s.delimiter[0] && len(after) < len(s.delimiter)):
					break scan // what follows the mark tells what it is
				case bytes.HasPrefix(after, []byte(`"`)):
					at++
				default:
					quoted = false
					mistaken = len(after) > 0 && !isLineEnd(after[0]) && !bytes.HasPrefix(after, s.delimiter)
				}
				at++
				continue
			}
			switch b := rest[at]; {
			case isLineEnd(b):
				n := s.lineEnd(at)
				if s.isTorn(at, n) {
					return piece{}, s.err
				}
				return s.found(at, n, !hasMarks, false), nil
			case b == '"':
				hasMarks = true
				quoted = fieldStart && !mistaken
				mistaken = !quoted
				fieldStart = false
				at++
			case b == s.delimiter[0] && len(rest)-at < len(s.delimiter) && s.err == nil:
				break scan
			case b == s.delimiter[0] && bytes.HasPrefix(rest[at:], s.delimiter):
				fieldStart = true
				at += len(s.delimiter)
			default:
				fieldStart = false
				at++
			}
		}
		if at > s.max {
			return s.drop(quoted)
		}
		if err := s.more(); err != nil {
			if !isWhole(err) {
				return piece{}, err
			}
			if at == len(s.rest()) {
				return s.found(at, 0, !hasMarks, quoted), nil
			}
			// Half a delimiter at the end is none: look once more, knowing that.
		}
	}
}

// findLine finds the end of the line, where it is an LF or CRLF and there is no
// other CR before it. That is the end of nearly every record: of all that have
// no quotation marks, and of those whose marks close before it.
func (s *splitter) findLine() (p piece, ok bool) {
	rest := s.rest()
	end := bytes.IndexByte(rest, '\n')
	if end < 0 || end > s.max {
		return piece{}, false
	}
	n := 1
	if cr := bytes.IndexByte(rest[:end], '\r'); cr >= 0 {
		if cr != end-1 {
			return piece{}, false
		}
		end, n = cr, 2
	}
	marks := bytes.Count(rest[:end], []byte(`"`))
	if marks%2 != 0 {
		return piece{}, false // it goes on, or is mistaken
	}
	return s.found(end, n, marks == 0, false), true
}

func isLineEnd(b byte) bool { return b == '\n' || b == '\r' }

// isTorn reports that the text broke off in what may be a longer line end than the
// n bytes that came.
func (s *splitter) isTorn(at, n int) bool {
	after := s.rest()[at:]
	return n == 1 && (string(after) == "\r" || string(after) == "\r\r") && s.err != nil && !isWhole(s.err)
}

// isWhole reports that the text ends at the error, rather than breaking off there.
func isWhole(err error) bool {
	if errors.Is(err, io.EOF) {
		return true
	}
	unusable, ok := errors.AsType[*UnusableError](err)
	return ok && unusable.afterEnd
}

// found describes the record that has end bytes and then a line end of n bytes.
func (s *splitter) found(end, n int, isPlain, isOpen bool) piece {
	p := piece{bytes: s.rest()[:end+n], end: end, line: s.line, lastLine: s.line, isPlain: isPlain, isOpen: isOpen}
	hasOldLineEnds := s.hasOldLineEnds
	if !s.sawLineEnd {
		hasOldLineEnds = p.lineEnd() == "\r"
	}
	p.isLoose = (s.afterCR || p.lineEnd() == "\r") && !hasOldLineEnds
	if isPlain {
		return p
	}
	inside := p.bytes[:end]
	if isOpen { // the last line end of the text ends a line of the record
		inside = bytes.TrimSuffix(bytes.TrimSuffix(inside, []byte("\n")), []byte("\r"))
	}
	p.lastLine += countLineEnds(inside, hasOldLineEnds)
	return p
}

// countLineEnds counts the line ends in the quotation marks of a record. A CR
// alone is one where it ends the other lines of the file, too.
func countLineEnds(text []byte, alsoCR bool) int {
	count := bytes.Count(text, []byte("\n"))
	if !alsoCR {
		return count
	}
	for i, b := range text {
		if b == '\r' && !bytes.HasPrefix(text[i+1:], []byte("\n")) && !bytes.HasPrefix(text[i+1:], []byte("\r\n")) {
			count++
		}
	}
	return count
}

// more reads more of the text. There is room for a record of the greatest
// length and for some bytes after it.
func (s *splitter) more() error {
	if s.start > 0 && s.err == nil {
		s.buffer = s.buffer[:copy(s.buffer, s.rest())]
		s.start = 0
	}
	if len(s.buffer) == cap(s.buffer) && s.err == nil {
		size := min(max(bufferSize, 2*cap(s.buffer)), s.max+bufferSize)
		s.buffer = append(make([]byte, 0, size), s.buffer...)
	}
	for s.err == nil {
		var n int
		n, s.err = s.in.Read(s.buffer[len(s.buffer):cap(s.buffer)])
		s.buffer = s.buffer[:len(s.buffer)+n]
		if n > 0 {
			return nil
		}
	}
	return s.err
}

// drop reads the rest of the text, counts its lines and keeps only its error.
func (s *splitter) drop(quoted bool) (piece, error) {
	text, newlines, last := s.rest(), 0, byte('\n')
	s.buffer, s.start = make([]byte, 0, bufferSize), 0
	for {
		newlines += bytes.Count(text, []byte("\n"))
		s.offset += int64(len(text))
		if len(text) > 0 {
			last = text[len(text)-1]
		}
		if s.err != nil {
			break
		}
		var n int
		n, s.err = s.in.Read(s.buffer[:cap(s.buffer)])
		text = s.buffer[:n]
	}
	if !isWhole(s.err) {
		return piece{}, s.err
	}
	lines := newlines
	if last != '\n' {
		lines++
	}
	p := piece{line: s.line, lastLine: s.line + lines - 1, dropped: true, isQuoted: quoted}
	s.line += lines
	return p, nil
}
