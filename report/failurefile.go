package report

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"cognito-confirm/internal/atomicfile"
)

// failureFile knows where the lines of rows that did not succeed begin, in a file
// without a name, for merges of any number of them. The file has eight bytes for
// each line of the input; those that nobody writes take no room.
type failureFile struct {
	file  *os.File
	block []byte // of the file, where lines are looked for one after the other
	from  int64  // where it begins
}

const (
	offsetSize = 8
	// mostInputLines is more than any input has. A damaged report may name more.
	mostInputLines = math.MaxInt32
)

// newFailureFile makes the file beside another one.
func newFailureFile(beside string) (*failureFile, error) {
	file, err := unnamed(beside)
	if err != nil {
		return nil, fmt.Errorf("note failures: %w", err)
	}
	return &failureFile{file: file}, nil
}

// add notes that the row on a line of the input has its own at an offset of the
// report, which is never 0.
func (f *failureFile) add(line int, offset int64) error {
	if line >= mostInputLines {
		return nil // no input has this line: the comparison with the input reports it
	}
	var entry [offsetSize]byte
	binary.LittleEndian.PutUint64(entry[:], uint64(offset))
	if _, err := f.file.WriteAt(entry[:], int64(line)*offsetSize); err != nil {
		return fmt.Errorf("note failures: %w", err)
	}
	return nil
}

// find returns the offset for a line, 0 for none. Lines come in their order, once
// all were added.
func (f *failureFile) find(line int) (int64, error) {
	at := int64(line) * offsetSize
	if at < f.from || at >= f.from+int64(len(f.block)) {
		f.from = at
		f.block = append(f.block[:0], make([]byte, 4<<10)...)
		n, err := f.file.ReadAt(f.block, at)
		if f.block = f.block[:n-n%offsetSize]; err != nil && !errors.Is(err, io.EOF) {
			return 0, fmt.Errorf("look for failures: %w", err)
		}
		if len(f.block) == 0 {
			return 0, nil
		}
	}
	return int64(binary.LittleEndian.Uint64(f.block[at-f.from:])), nil
}

func (f *failureFile) close() error { return closeUnnamed(f.file) }

// unnamed makes a file beside another one, to be closed with closeUnnamed.
func unnamed(beside string) (*os.File, error) {
	file, err := atomicfile.Temporary(beside)
	if err == nil && renamesOpenFiles {
		err = os.Remove(file.Name()) // it ends with the process
	}
	return file, err
}

func closeUnnamed(file *os.File) error {
	err := file.Close()
	if !renamesOpenFiles {
		err = errors.Join(err, os.Remove(file.Name()))
	}
	return err
}
