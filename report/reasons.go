package report

import (
	"bytes"
	"encoding/csv"
	"iter"
	"slices"
	"strings"

	"cognito-confirm/worker"
)

// reason is why a row did not succeed, as the report has it.
type reason struct {
	status        worker.Status
	code, message string
}

// reasonNames are the columns of the failed-rows file that tell why. They are an
// interface, as the columns of the report are.
var reasonNames = [...]string{"confirm_status", "confirm_code", "confirm_message"}

func (r reason) cells() [len(reasonNames)]string {
	return [...]string{string(r.status), r.code, r.message}
}

// reasonColumns puts the reason of a row into its record. An input that has such
// columns, as a failed-rows file has, gets them filled in; any other gets them
// after its own. All other cells stay byte for byte what they are.
type reasonColumns struct {
	delimiter string
	// own is how many columns the input has, places where ours are among them,
	// -1 for those that come after them.
	own    int
	places [len(reasonNames)]int
	text   bytes.Buffer
	csv    *csv.Writer // to the text
}

// newReasonColumns returns nil for an input without a header: nobody could tell
// there which of the columns are ours.
func newReasonColumns(columns []string, delimiter rune) *reasonColumns {
	if columns == nil {
		return nil
	}
	c := &reasonColumns{own: len(columns)}
	c.csv = csv.NewWriter(&c.text)
	if delimiter != 0 {
		c.csv.Comma = delimiter
	}
	c.delimiter = string(c.csv.Comma)
	for i, name := range reasonNames {
		c.places[i] = slices.IndexFunc(columns, func(column string) bool { return strings.EqualFold(strings.TrimSpace(column), name) })
	}
	return c
}

// header returns the input's header with the columns that it lacks.
func (c *reasonColumns) header(header string) string {
	text, lineEnd := cutLineEnd(header)
	var b strings.Builder
	b.WriteString(text)
	for i, place := range c.places {
		if place < 0 {
			b.WriteString(c.delimiter + c.cell(reasonNames[i]))
		}
	}
	return b.String() + lineEnd
}

// record returns the record with the reason in it.
func (c *reasonColumns) record(raw string, why reason) string {
	text, lineEnd := cutLineEnd(raw)
	values := why.cells()
	var b strings.Builder
	count := 0
	add := func(cell string) {
		if count > 0 {
			b.WriteString(c.delimiter)
		}
		if ours := slices.Index(c.places[:], count); ours >= 0 {
			cell = c.cell(values[ours])
		}
		b.WriteString(cell)
		count++
	}
	for cell := range cells(text, c.delimiter) {
		add(cell)
	}
	for count < c.own {
		add("") // the last cells of a record may be missing
	}
	for i, place := range c.places {
		if place < 0 {
			b.WriteString(c.delimiter + c.cell(values[i]))
		}
	}
	return b.String() + lineEnd
}

// cell returns a text as a cell of a record.
func (c *reasonColumns) cell(text string) string {
	c.text.Reset()
	_ = c.csv.Write([]string{text}) // a buffer takes everything
	c.csv.Flush()
	return strings.TrimSuffix(c.text.String(), "\n")
}

// cutLineEnd cuts off the line end of a record, which is one of four.
func cutLineEnd(raw string) (text, lineEnd string) {
	for _, end := range [...]string{"\r\r\n", "\r\n", "\n", "\r"} {
		if text, ok := strings.CutSuffix(raw, end); ok {
			return text, end
		}
	}
	return raw, ""
}

// cells yields the cells of a sound record as they stand there, with their
// quotation marks.
func cells(record, delimiter string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for {
			end := cellEnd(record, delimiter)
			if !yield(record[:end]) || end == len(record) {
				return
			}
			record = record[end+len(delimiter):]
		}
	}
}

func cellEnd(text, delimiter string) int {
	from := 0
	if strings.HasPrefix(text, `"`) {
		for from = 1; ; from++ {
			mark := strings.IndexByte(text[from:], '"')
			if mark < 0 {
				return len(text)
			}
			if from += mark + 1; !strings.HasPrefix(text[from:], `"`) {
				break
			}
		}
	}
	if end := strings.Index(text[from:], delimiter); end >= 0 {
		return from + end
	}
	return len(text)
}
