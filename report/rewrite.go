package report

import (
	"bufio"
	"encoding/csv"
	"slices"
)

// rewriter writes a report of another layout in the current one. It takes the
// fields as they are: a time that a spreadsheet has spoilt stays what it is.
type rewriter struct {
	file *heldFile
	csv  *csv.Writer
	// order has the place of each of our columns in the layout, -1 for none.
	order  []int
	fields []string
}

// newRewriter writes to a new file beside the report.
func newRewriter(report *heldFile, from layout) (*rewriter, error) {
	file, err := report.disk.temporary(report.realPath())
	if err != nil {
		return nil, err
	}
	columns := ourColumns()
	w := &rewriter{
		file: file,
		csv:  csv.NewWriter(bufio.NewWriterSize(file, 64<<10)),
		// The columns are their own header.
		fields: slices.Clone(columns),
	}
	for _, column := range columns {
		w.order = append(w.order, slices.Index(from.columns, column))
	}
	return w, w.csv.Write(w.fields)
}

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
