package report

import (
	"bufio"
	"encoding/csv"
	"slices"
)

// rewriter writes a report of another layout in the current one. It takes the
// fields as they are: a time that a spreadsheet has spoilt stays what it is.
type rewriter struct {
	file   *heldFile
	buffer *bufio.Writer // to the file
	csv    *csv.Writer   // to the buffer
	// order has the place of each of our columns in the layout, -1 for none.
	order  []int
	fields []string
}

// newRewriter writes lines of a layout to a new file beside the report.
func newRewriter(report *heldFile, layout layout) (*rewriter, error) {
	file, err := report.disk.temporary(report.realPath())
	if err != nil {
		return nil, err
	}
	buffer := bufio.NewWriterSize(file, 64<<10)
	w := &rewriter{
		file:   file,
		buffer: buffer,
		csv:    csv.NewWriter(buffer),
		// The columns are their own header.
		fields: ourColumns(),
	}
	w.from(layout)
	return w, w.csv.Write(w.fields)
}

// from takes the lines that are added next for those of another layout.
func (w *rewriter) from(layout layout) {
	w.order = w.order[:0]
	for _, column := range ourColumns() {
		w.order = append(w.order, slices.Index(layout.columns, column))
	}
}

// offset returns where the next line begins in the file.
func (w *rewriter) offset() int64 { return w.file.size + int64(w.buffer.Buffered()) }

// add writes a line of the layout.
func (w *rewriter) add(fields []string) error {
	for i, from := range w.order {
		if w.fields[i] = ""; from >= 0 {
			w.fields[i] = fields[from]
		}
	}
	return w.csv.Write(w.fields)
}

// finish brings the file to the disk.
func (w *rewriter) finish() error {
	w.csv.Flush()
	if err := w.csv.Error(); err != nil {
		return err
	}
	return w.file.sync()
}
