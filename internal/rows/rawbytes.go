package rows

import (
	"bytes"
	"errors"
	"io"
)

// rawBytes is what the CSV parser reads from. It keeps the bytes of the record
// that is being read, because the parser hands out the fields only, and gives
// up a record that is too long, because the parser would keep the rest of the
// input in memory, several times over.
//
// Its first error is final: there is a hole after a failure, and what comes
// after the hole must not pass for the next row or for the end.
type rawBytes struct {
	in  io.Reader
	max int // bytes of one record

	// The current record is kept[start:], and what the parser has read ahead.
	kept  []byte
	start int
	// offset is where kept[start] stands in the input.
	offset int64

	err error // the first one
	// dropped is set when a record was given up. It is then how many lines the
	// record had to the end of the input.
	dropped int
}

func (b *rawBytes) Read(p []byte) (int, error) {
	b.skipBlankLines()
	record := len(b.kept) - b.start
	if record > b.max {
		return 0, b.drop()
	}
	if b.err != nil {
		return 0, b.err
	}
	if b.start > 0 {
		b.kept = b.kept[:copy(b.kept, b.kept[b.start:])]
		b.start = 0
	}
	// Not one byte more than the limit needs: which records are too long must
	// not depend on the pieces that the input comes in.
	n, err := b.in.Read(p[:min(len(p), b.max+1-record)])
	b.kept = append(b.kept, p[:n]...)
	b.err = err
	return n, err
}

// skipBlankLines moves the start of the current record over the lines that the
// parser skips between two records. An input may have any number of them.
func (b *rawBytes) skipBlankLines() {
	for {
		rest := b.kept[b.start:]
		switch {
		case len(rest) > 0 && rest[0] == '\n':
			b.advance(1)
		case len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n':
			b.advance(2)
		default:
			return
		}
	}
}

func (b *rawBytes) advance(n int) {
	b.start += n
	b.offset += int64(n)
}

// take ends the current record at an offset of the input and returns its
// bytes, with the line end. They are valid until the next Read.
func (b *rawBytes) take(end int64) []byte {
	b.skipBlankLines()
	start := b.start
	b.advance(int(end - b.offset))
	return b.kept[start:b.start]
}

// torn returns the failure that ended the input inside the last line of the
// record that was just taken. A mistake that the parser sees in half a line need
// not be one in the whole line: half a CRLF after a closing quotation mark looks
// like one.
func (b *rawBytes) torn(record []byte) error {
	if bytes.HasSuffix(record, []byte("\n")) || errors.Is(b.err, io.EOF) {
		return nil
	}
	return b.err
}

// drop reads the rest of the input, counts its lines and keeps only its error.
func (b *rawBytes) drop() error {
	piece, newlines, last := b.kept[b.start:], 0, byte('\n')
	buffer := make([]byte, bufferSize)
	for {
		newlines += bytes.Count(piece, []byte("\n"))
		b.offset += int64(len(piece))
		if len(piece) > 0 {
			last = piece[len(piece)-1]
		}
		if b.err != nil {
			break
		}
		var n int
		n, b.err = b.in.Read(buffer)
		piece = buffer[:n]
	}
	b.dropped = newlines
	if last != '\n' {
		b.dropped++
	}
	b.kept, b.start = nil, 0
	return b.err
}
