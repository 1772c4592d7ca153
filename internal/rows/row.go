package rows

import (
	"fmt"
	"slices"
	"strings"

	"cognito-confirm/worker"
)

// row makes a row of a record.
func (r *Reader) row(record *record) worker.Row {
	isFirst := r.layout.columns == 0 // there is no header, and this is the first record that could be parsed
	if isFirst {
		r.layout.columns = len(record.fields)
		r.noteFirst(record)
	}
	if invalid := r.refuseHeaderLine(record, isFirst); invalid != nil {
		return worker.Row{Line: record.line, Username: strings.TrimSpace(record.fields[r.layout.username]), Raw: record.raw, Invalid: invalid}
	}
	if r.hasRival(record.fields) {
		r.rivals++
	}
	if message := r.mismatch(record); message != "" {
		malformed := malformedError{line: record.line, lastLine: record.lastLine, raw: record.raw, message: message}
		return malformed.row()
	}
	if len(record.fields) < r.layout.columns {
		r.count(func(l *Layout) { l.ShortRecords++ })
		r.onShort(record.line)
	}
	row := worker.Row{Line: record.line, Username: strings.TrimSpace(record.fields[r.layout.username]), Raw: record.raw}
	if len(record.raw) > longRecord { // texts of the record hold on to all of it
		row.Username = strings.Clone(row.Username)
	}
	row.Invalid = validateUsername(row.Username)
	r.addMetadata(&row, record.fields)
	return row
}

// hasRival reports that the username is in the other column.
func (r *Reader) hasRival(fields []string) bool {
	isFull := func(position int) bool {
		return position >= 0 && position < len(fields) && strings.TrimSpace(fields[position]) != ""
	}
	return isFull(r.layout.rival) && !isFull(r.layout.username)
}

// longRecord is from how many bytes on the texts of a row are copies.
const longRecord = 1 << 10

func (r *Reader) addMetadata(row *worker.Row, fields []string) {
	for _, column := range r.layout.metadata {
		if column.position >= len(fields) {
			break
		}
		key, value := column.key, fields[column.position]
		if value == "" {
			continue // an empty cell tells nothing; the run's own value stands
		}
		if row.Invalid == nil {
			row.Invalid = ValidateMetadata(key, value)
		}
		if row.ClientMetadata == nil {
			row.ClientMetadata = make(map[string]string, len(r.layout.metadata))
		}
		if len(row.Raw) > longRecord {
			value = strings.Clone(value)
		}
		row.ClientMetadata[key] = value
	}
}

// mismatch tells why a record does not fit the columns, "" when it does.
func (r *Reader) mismatch(record *record) string {
	count := len(record.fields)
	switch {
	case r.otherHeader > 0:
		return fmt.Sprintf("line %d is a header with other columns, and this line comes after it", r.otherHeader)
	case count == r.layout.columns:
	case record.isLoose:
		return fmt.Sprintf("a carriage return breaks the line: this part of it has %d of %d columns", count, r.layout.columns)
	case count > r.layout.columns:
		return fmt.Sprintf("the record has %d columns, %d too many", count, count-r.layout.columns)
	case count <= r.layout.username:
		return "the record ends before the column of the username"
	}
	if record.lastLine > record.line && swallowsRows(record, r.layout, r.records.comma) {
		return fmt.Sprintf("lines %d to %d are one record by their quotation marks, but look like several: one mark in them is too many or missing",
			record.line, record.lastLine)
	}
	return ""
}

// refuseHeaderLine refuses a header in the place of a user, as files have it
// that were put together from others. Where its columns are other ones,
// nothing after it can be understood before the known header comes again. On
// the first line of a file without a header, other names than the usual ones
// are taken for one, too.
func (r *Reader) refuseHeaderLine(record *record, isFirst bool) *worker.Invalid {
	if r.layout.username >= len(record.fields) {
		return nil
	}
	cell := record.fields[r.layout.username]
	message := ""
	switch {
	case r.isUsernameName(cell):
		message = "this is a header in the place of a user"
		r.otherHeader = 0
		if r.hasOtherMetadata(record.fields) {
			r.otherHeader = record.line
		}
	case r.hasUsernameName(record.fields) && r.isColumnName(cell):
		message = "this is a header with other columns: the lines after it cannot be understood"
		r.otherHeader = record.line
	case isFirst && namesUsers(cell):
		message = "this looks like a header, and not like a user"
	case isSeparatorLine(record.raw):
		message = "this line tells a spreadsheet what separates the columns; it is no user"
	default:
		return nil
	}
	r.count(func(l *Layout) { l.HeaderLines++ })
	return &worker.Invalid{Code: CodeHeaderLine, Message: message}
}

// isUsernameName reports that a cell is the name of the username column, or of
// that of another file.
func (r *Reader) isUsernameName(cell string) bool {
	return isNamed(cell, usernameName) || isNamed(cell, cognitoUsernameName) || r.layout.hasOwnName && isNamed(cell, r.layout.name)
}

// hasUsernameName is a loop because it looks at every cell of every row.
func (r *Reader) hasUsernameName(fields []string) bool {
	for _, field := range fields {
		if r.isUsernameName(field) {
			return true
		}
	}
	return false
}

// isNamed looks at the length first, for every cell comes here. A name with more
// space around it than that is not recognized.
func isNamed(cell, name string) bool {
	return len(cell) >= len(name) && len(cell) < len(name)+8 && strings.EqualFold(strings.TrimSpace(cell), name)
}

func (r *Reader) isColumnName(cell string) bool {
	name := canonical(cell)
	return looksLikeColumnName(cell) || slices.ContainsFunc(r.columns, func(c string) bool { return canonical(c) == name })
}

// hasOtherMetadata reports that a header has its metadata in other columns than
// the known one. A row that merely has a user of that name has none.
func (r *Reader) hasOtherMetadata(columns []string) bool {
	if r.columns == nil || slices.ContainsFunc(columns, func(c string) bool { return !r.isColumnName(c) }) {
		return false
	}
	var metadata []metadataColumn
	for i, column := range columns {
		if key, ok := metadataKey(column); ok {
			metadata = append(metadata, metadataColumn{i, key})
		}
	}
	return !slices.Equal(metadata, r.layout.metadata)
}
