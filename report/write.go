package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gocarina/gocsv"
)

// write hands what is pending to the operating system. The failed rows go
// first: a crash in between then leaves a row that is done again, and not one
// that is done with and missing where somebody looks for it.
func (r *Recorder) write() error {
	if err := r.failed.write(); err != nil {
		return err
	}
	if err := gocsv.MarshalCSVWithoutHeaders(r.pending, r.csv); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	text := r.buffer.Bytes()
	n, err := r.file.Write(text)
	rows := len(r.held)
	if err != nil {
		err = fmt.Errorf("write report: %w", err)
		// A disk that fills up takes the first rows and a part of one.
		rows = bytes.Count(text[:n], []byte("\n"))
		torn := n - 1 - bytes.LastIndexByte(text[:n], '\n')
		err = errors.Join(err, cutOff(r.file, int64(torn)))
	}
	for _, result := range r.held[:rows] {
		r.tally.add(result)
	}
	r.buffer.Reset()
	if err != nil {
		r.held = r.held[rows:]
		return err
	}
	clear(r.pending)
	clear(r.held)
	r.pending, r.held = r.pending[:0], r.held[:0]
	return nil
}

// cutOff takes the last n bytes off a file that was written only in part, so
// that it ends with a whole line.
func cutOff(file *os.File, n int64) error {
	if n == 0 {
		return nil
	}
	end, err := file.Seek(-n, io.SeekCurrent)
	if err == nil {
		err = file.Truncate(end)
	}
	if err != nil {
		return fmt.Errorf("cut off torn line: %w", err)
	}
	return nil
}

// files returns the open files in the order in which they are synced, the
// failed rows first as in write.
func (r *Recorder) files() []*os.File {
	if r.failed.file == nil {
		return []*os.File{r.file}
	}
	return []*os.File{r.failed.file, r.file}
}

// syncFiles brings what was written to the disk.
func syncFiles(files []*os.File) error {
	for _, file := range files {
		if err := file.Sync(); err != nil {
			return fmt.Errorf("sync report: %w", err)
		}
	}
	return nil
}
