package rows

import (
	"fmt"
	"strings"
)

// Layout is what the reader has understood of the input, for a person to agree
// with, and how much of it was out of the ordinary so far. Texts in it can be
// shown.
type Layout struct {
	// Encoding is UTF-8, UTF-16LE or UTF-16BE. Gzip means that the input is
	// packed, LineEnd what ends its first line: LF, CRLF, CR, CRCRLF, or "" for
	// nothing.
	Encoding string `json:"encoding"`
	Gzip     bool   `json:"gzip"`
	LineEnd  string `json:"line_end"`
	// Delimiter separates the columns. DelimiterFound means that it was found by
	// the header, SeparatorLine that a line "sep=;" gave it.
	Delimiter      rune `json:"-"`
	DelimiterFound bool `json:"delimiter_found"`
	SeparatorLine  bool `json:"separator_line"`
	// Columns is how many there are, UsernameColumn which one has the usernames,
	// counted from 1, and UsernameColumnName its name, "" without a header.
	Columns            int    `json:"columns"`
	UsernameColumn     int    `json:"username_column"`
	UsernameColumnName string `json:"username_column_name"`

	// SpanningRecords counts the records over several lines, malformed ones too.
	// The longest is from line LongestFirst to line LongestLast.
	SpanningRecords int `json:"spanning_records"`
	LongestFirst    int `json:"longest_first"`
	LongestLast     int `json:"longest_last"`
	// EmptyRecords counts those with nothing in any cell, which were passed over.
	EmptyRecords int `json:"empty_records"`
	// ShortRecords counts the rows whose last cells were missing.
	ShortRecords int `json:"short_records"`
	// HeaderLines counts the headers in the place of a user, which are not sent.
	HeaderLines int `json:"header_lines"`
	// Unfinished is the line on which the last record begins when it was left
	// out because the file is still being written, or 0.
	Unfinished int `json:"unfinished"`
	// NoRows means that the whole input was read, and that there is no row in it.
	NoRows bool `json:"no_rows"`
}

// Description is one line that tells how the input was read.
func (l Layout) Description() string {
	text := l.Encoding
	if l.Gzip {
		text += " in gzip"
	}
	if l.LineEnd != "" {
		text += ", lines end with " + l.LineEnd
	}
	if l.Columns > 1 {
		text += fmt.Sprintf(", %d columns separated by %s", l.Columns, delimiterName(l.Delimiter))
		switch {
		case l.DelimiterFound:
			text += " (found in the header)"
		case l.SeparatorLine:
			text += " (as the first line has it)"
		}
		text += fmt.Sprintf(", the username in column %d", l.UsernameColumn)
	} else {
		text += ", one column"
	}
	switch {
	case l.UsernameColumnName != "":
		return text + ", named " + l.UsernameColumnName
	case l.Columns > 1:
		return text + ", the others not read, no header"
	}
	return text + ", no header"
}

// Assumptions returns what was taken for granted before the first row and may
// not be what was meant, one line each.
func (l Layout) Assumptions() []string {
	var notes []string
	add := func(format string, values ...any) { notes = append(notes, fmt.Sprintf(format, values...)) }
	if l.DelimiterFound {
		add("the columns are separated by %s", delimiterName(l.Delimiter))
	}
	if l.SeparatorLine {
		add("the columns are separated by %s, as the first line tells", delimiterName(l.Delimiter))
	}
	if l.Encoding != utf8Text {
		add("the input is %s; files of its rows are written in UTF-8", l.Encoding)
	}
	if l.UsernameColumnName == "" && l.Columns > 1 {
		add("the first of %d columns is the username; the others are not read", l.Columns)
	}
	return notes
}

// Irregularities returns what was met among the rows that were read so far and
// may not be what was meant, one line each.
func (l Layout) Irregularities() []string {
	var notes []string
	add := func(format string, values ...any) { notes = append(notes, fmt.Sprintf(format, values...)) }
	if l.Unfinished > 0 {
		add("the last record, on line %d, has no line end, and the file has changed since it was opened: it was left for the next --resume", l.Unfinished)
	}
	if l.HeaderLines > 0 {
		add("%s in the place of a user, and not sent", counted(l.HeaderLines, "line is a header", "lines are headers"))
	}
	if l.EmptyRecords > 0 {
		add("passed over %s with nothing in any cell", counted(l.EmptyRecords, "record", "records"))
	}
	if l.ShortRecords > 0 {
		add("%s than there are columns; the missing ones are empty", counted(l.ShortRecords, "row has fewer cells", "rows have fewer cells"))
	}
	if l.SpanningRecords > 0 {
		add("%s several lines, the longest one lines %d to %d", counted(l.SpanningRecords, "record takes", "records take"), l.LongestFirst, l.LongestLast)
	}
	return notes
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// lineEndName is the name of a line end.
func lineEndName(end string) string {
	return strings.NewReplacer("\r", "CR", "\n", "LF").Replace(end)
}
