package report

import (
	"bufio"
	"encoding/gob"
	"fmt"
	"io"
	"os"

	"cognito-confirm/worker"
)

// heldRows is a queue of rows that a resumed run has to put off until it has
// compared the whole report with the input. A few are in memory; what is beyond
// maxHeld bytes goes to a file without a name, because a report may lack
// millions of rows in the middle, and standard input cannot be read again.
type heldRows struct {
	beside string // the path beside which the file is made
	rows   []worker.Row
	bytes  int

	file    *os.File
	writer  *bufio.Writer
	encoder *gob.Encoder
	decoder *gob.Decoder
	spilled int // rows in the file
}

// maxHeld is how many bytes of rows are held in memory.
const maxHeld = 1 << 20

// add appends a row. There are no more of them after the first call of next.
func (h *heldRows) add(row worker.Row) error {
	if h.file == nil && h.bytes+row.Size() <= maxHeld {
		h.rows = append(h.rows, row)
		h.bytes += row.Size()
		return nil
	}
	if h.file == nil {
		if err := h.create(); err != nil {
			return fmt.Errorf("put rows off: %w", err)
		}
	}
	h.spilled++
	if err := h.encoder.Encode(row); err != nil {
		return fmt.Errorf("put rows off: %w", err)
	}
	return nil
}

func (h *heldRows) create() (err error) {
	if h.file, err = unnamed(h.beside); err != nil {
		return err
	}
	h.writer = bufio.NewWriterSize(h.file, 64<<10)
	h.encoder = gob.NewEncoder(h.writer)
	return nil
}

func (h *heldRows) isEmpty() bool { return len(h.rows)+h.spilled == 0 }

// next takes the first row. It must not be empty.
func (h *heldRows) next() (row worker.Row, err error) {
	if len(h.rows) > 0 {
		row, h.rows[0] = h.rows[0], worker.Row{}
		h.rows = h.rows[1:]
		return row, nil
	}
	if h.decoder == nil {
		if err := h.rewind(); err != nil {
			return worker.Row{}, fmt.Errorf("read rows that were put off: %w", err)
		}
	}
	if err := h.decoder.Decode(&row); err != nil {
		return worker.Row{}, fmt.Errorf("read rows that were put off: %w", err)
	}
	h.spilled--
	return row, nil
}

func (h *heldRows) rewind() error {
	if err := h.writer.Flush(); err != nil {
		return err
	}
	if _, err := h.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	h.decoder = gob.NewDecoder(bufio.NewReaderSize(h.file, 64<<10))
	return nil
}

// close gives the rows up.
func (h *heldRows) close() error {
	if h.file == nil {
		return nil
	}
	return closeUnnamed(h.file)
}
