package events

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
)

// maxLine bounds what one line may cost. Ours are a few hundred bytes.
const maxLine = 64 << 10

// ErrNotEvents is what a scan of any other file ends with.
var ErrNotEvents = errors.New("not an events file of this program")

// Scan returns the events of a file in the order in which they stand there. It
// passes over events of other versions and over lines that a crash has torn. An
// error ends it: [ErrNotEvents], or that of the reader. The reader is read once,
// and so is the sequence.
func Scan(r io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		source := bufio.NewReaderSize(r, maxLine)
		start, err := source.Peek(startSize)
		if err != nil && !errors.Is(err, io.EOF) {
			yield(Record{}, fmt.Errorf("read events: %w", err))
			return
		}
		if !isOurs(start) {
			yield(Record{}, ErrNotEvents)
			return
		}
		for {
			line, err := nextLine(source)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(Record{}, fmt.Errorf("read events: %w", err))
				return
			}
			if record, ok := decode(line); ok && !yield(record, nil) {
				return
			}
		}
	}
}

// nextLine returns the next whole line, empty when it is too long to be one of
// ours, and [io.EOF] after the last one.
func nextLine(source *bufio.Reader) ([]byte, error) {
	line, err := source.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = source.ReadSlice('\n')
	}
	return nil, err
}
