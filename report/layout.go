package report

import (
	"encoding/csv"
	"slices"
	"strings"
)

// layout is the way in which a file has the columns of a report. A run writes
// one layout; versions before it and spreadsheets have left others: fewer
// columns or in another order, another delimiter, a byte order mark, quotation
// marks, CRLF. None of these is damage.
type layout struct {
	columns   []string
	delimiter rune
	// isCurrent: it is what this version writes, so that lines can be appended.
	isCurrent bool
}

// ourColumns returns the columns of a report, in the order of [Line].
func ourColumns() []string { return strings.Split(strings.TrimSuffix(headerLine(), "\n"), ",") }

// parseHeader returns the layout that the first line of a file declares, and
// false when it is not that of a report.
func parseHeader(header string) (layout, bool) {
	ours := ourColumns()
	for _, delimiter := range []rune{',', ';', '\t'} {
		reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(header, byteOrderMark)))
		reader.Comma = delimiter
		columns, err := reader.Read()
		if err == nil && (areSame(columns, ours) || areSame(columns, ours[:firstColumns])) {
			return layout{columns: columns, delimiter: delimiter, isCurrent: header == headerLine()}, true
		}
	}
	return layout{}, false
}

// currentLayout is the one that this version writes.
func currentLayout() layout {
	current, _ := parseHeader(headerLine())
	return current
}

// newParser parses lines of the layout. The fields of a line are used again for the next.
func (l layout) newParser(lines *lineReader) *csv.Reader {
	parser := csv.NewReader(lines)
	parser.Comma = l.delimiter
	parser.FieldsPerRecord = len(l.columns)
	parser.ReuseRecord = true
	return parser
}

// areSame reports whether two lists have the same columns in any order.
func areSame(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// isOld reports whether the layout is of a version that did not write the user pool.
func (l layout) isOld() bool { return len(l.columns) == firstColumns }
