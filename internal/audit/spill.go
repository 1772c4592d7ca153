package audit

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
)

// spill is a temporary file of records, which are read in order or one at a time.
type spill struct {
	file   *os.File
	isGone bool // it has no name any more
	out    *bufio.Writer
	length int64
}

func newSpill(directory string) (*spill, error) {
	file, err := os.CreateTemp(directory, "cognito-confirm-*.tmp") // with the mode 0600
	if err != nil {
		return nil, fmt.Errorf("make temporary file: %w", err)
	}
	// At once, where the system allows it: then a crash leaves nothing behind.
	isGone := os.Remove(file.Name()) == nil
	return &spill{file: file, isGone: isGone, out: bufio.NewWriter(file)}, nil
}

// add adds a record and returns where it is. The number of its
// fields comes first, and the length of each before it.
func (s *spill) add(fields ...string) (at int64, err error) {
	record := binary.AppendUvarint(nil, uint64(len(fields)))
	for _, field := range fields {
		record = append(binary.AppendUvarint(record, uint64(len(field))), field...)
	}
	at = s.length
	s.length += int64(len(record))
	if _, err := s.out.Write(record); err != nil {
		return 0, fmt.Errorf("write temporary file: %w", err)
	}
	return at, nil
}

// flush has to come between the last add and what is read.
func (s *spill) flush() error {
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("write temporary file: %w", err)
	}
	return nil
}

// read returns the record at a place.
func (s *spill) read(at int64) ([]string, error) {
	// More than most records have, and far less than the next block of a disk.
	const likely = 256
	return readRecord(bufio.NewReaderSize(io.NewSectionReader(s.file, at, s.length-at), likely))
}

// all returns the records in order, and after an error none.
func (s *spill) all() iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		in := bufio.NewReader(io.NewSectionReader(s.file, 0, s.length))
		for {
			record, err := readRecord(in)
			if errors.Is(err, io.EOF) || !yield(record, err) || err != nil {
				return
			}
		}
	}
}

func readRecord(in *bufio.Reader) ([]string, error) {
	count, err := binary.ReadUvarint(in)
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	fields := make([]string, count)
	for i := range fields {
		var length uint64
		if length, err = binary.ReadUvarint(in); err == nil {
			field := make([]byte, length)
			_, err = io.ReadFull(in, field)
			fields[i] = string(field)
		}
		if err != nil {
			return nil, fmt.Errorf("read temporary file: %v", err) // no end of the file
		}
	}
	return fields, nil
}

// close removes the file.
func (s *spill) close() error {
	err := s.file.Close()
	if !s.isGone {
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	return err
}
