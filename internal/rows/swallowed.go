package rows

import (
	"slices"
	"strings"
)

// swallowsRows reports whether a record over several lines looks like several rows
// between two stray quotation marks: a line of it has as many columns as the
// header, and a possible username in the username column. The user of such a row
// would be in no file. So an address that is written like a row is taken for one
// too, and reported.
func swallowsRows(r *record, l columnLayout, delimiter string) bool {
	if strings.ContainsAny(strings.TrimSpace(r.fields[l.username]), "\r\n") {
		return true // no username has lines
	}
	if l.columns < 2 {
		return false
	}
	isRow := func(line string) bool {
		return strings.Count(line, delimiter) == l.columns-1 && validateUsername(usernameOf(line, l.username, delimiter)) == nil
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
	// The mark of one row may close in a row after it. Then the first and the last
	// line of the record are rows, except for the mark. The lines between are rows
	// too, or have a username that is like the first one. An address with commas
	// looks alike, so here lines of prose, with a space after a comma, are not rows,
	// unless the file has spaces there anyway or the usernames are of one kind.
	isOpenRow := func(line string) bool { return strings.Count(line, `"`)%2 != 0 && isRow(line) }
	if first := r.raw[:strings.IndexAny(r.raw, "\r\n")]; !isOpenRow(first) {
		return false // the usual case
	}
	all := slices.Collect(lines(r.raw))
	last := len(all) - 1
	hasSpaces := slices.ContainsFunc(r.fields[1:], func(field string) bool { return strings.HasPrefix(field, " ") })
	first := kindOf(usernameOf(all[0], l.username, delimiter))
	for i, line := range all {
		username := usernameOf(line, l.username, delimiter)
		isEnd := i == 0 || i == last
		isAlike := validateUsername(username) == nil && (first.hasAt || first.isMixed) && kindOf(username) == first
		if isEnd && !isOpenRow(line) || !isEnd && !isRow(line) && !isAlike {
			return false
		}
		if !hasSpaces && !isAlike && strings.Contains(line, delimiter+" ") {
			return false
		}
	}
	return true
}

// usernameOf splits a line whatever its quotation marks, and returns what would
// be the username then; "" where there is none.
func usernameOf(line string, column int, delimiter string) string {
	cells := strings.SplitN(line, delimiter, column+2)
	if column >= len(cells) {
		return ""
	}
	return strings.TrimSpace(strings.Trim(cells[column], `"`))
}

// lines yields the lines of a text without their ends.
func lines(text string) func(yield func(string) bool) {
	return strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' })
}
