package rows

import (
	"slices"
	"strings"
)

// swallowsRows says that a record over several lines looks like several rows
// between two stray quotation marks: a line of it has as many columns as the
// header, and what can be a username where that has its own. Whoever was in such
// a row would be in no file, so an address that is written like a row is taken
// for one too: that is told, and nobody is left out in silence.
func swallowsRows(r *record, l columnLayout, delimiter string) bool {
	if strings.ContainsAny(strings.TrimSpace(r.fields[l.username]), "\r\n") {
		return true // no username has lines
	}
	if l.columns < 2 {
		return false
	}
	isRow := func(line string) bool {
		if strings.Count(line, delimiter) != l.columns-1 {
			return false
		}
		username := strings.TrimSpace(strings.Trim(strings.Split(line, delimiter)[l.username], `"`))
		return validateUsername(username) == nil
	}
	// A line of a cell that is a row of its own.
	for _, field := range r.fields {
		if !strings.ContainsAny(field, "\r\n") {
			continue
		}
		for line := range lines(field) {
			if isRow(line) {
				return true
			}
		}
	}
	// The mark of one row closed in the row after it: each line of the record is
	// a row, but for the mark. An address with commas looks alike, so here lines
	// of prose, with a space after a comma, are no rows. A space tells nothing in
	// a file that has spaces there anyway.
	hasSpaces := slices.ContainsFunc(r.fields[1:], func(field string) bool { return strings.HasPrefix(field, " ") })
	count := 0
	for line := range lines(r.raw) {
		if line == "" {
			continue
		}
		if !isRow(line) || strings.Count(line, `"`)%2 == 0 || !hasSpaces && strings.Contains(line, delimiter+" ") {
			return false
		}
		count++
	}
	return count > 1
}

// lines yields the lines of a text without their ends.
func lines(text string) func(yield func(string) bool) {
	return strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' })
}
