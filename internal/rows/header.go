package rows

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// otherDelimiters are tried when the comma finds no username column.
func otherDelimiters() []rune { return []rune{';', '\t', '|'} }

// separatorLine is the line with which a spreadsheet is told what separates
// the columns.
var separatorLine = regexp.MustCompile(`(?i)^"?sep=(\\t|.)"?$`)

// isSeparatorLine looks for that line where it is not the first one.
func isSeparatorLine(raw string) bool {
	return len(raw) < 16 && strings.Contains(raw, "=") && separatorLine.MatchString(strings.TrimRight(raw, "\r\n"))
}

// readSeparatorLine takes that line when it is the first one. An explicit
// delimiter goes before the one in it.
func (r *Reader) readSeparatorLine(o *Options) error {
	if err := r.records.skip(); err != nil {
		return err
	}
	if !r.records.startsWith(`sep=`) && !r.records.startsWith(`"sep=`) {
		return nil
	}
	p, err := r.records.find()
	if err != nil || p.dropped {
		return r.orOverlong(p, err)
	}
	match := separatorLine.FindSubmatch(p.bytes[:p.end])
	if match == nil {
		return nil
	}
	delimiter, _ := utf8.DecodeRune(match[1])
	if string(match[1]) == `\t` {
		delimiter = '\t'
	}
	if !separates(delimiter) {
		return nil
	}
	r.header = string(p.bytes)
	r.records.take(p)
	if o.Delimiter == 0 {
		o.Delimiter = delimiter
		r.found.SeparatorLine = true
	}
	return r.records.skip()
}

// orOverlong is the error for a first record that was not found.
func (r *Reader) orOverlong(p piece, err error) error {
	if err == nil && p.dropped {
		return invalidHeader(&malformedError{line: p.line, cause: errOverlong})
	}
	return err
}

func invalidHeader(e *malformedError) error {
	return &UnusableError{
		Reason: fmt.Sprintf("the header on line %d is not valid CSV: %v", e.line, e.cause),
		Hint:   "look for a stray quotation mark; --delimiter sets what separates the columns",
	}
}

// separates reports whether a character can separate columns.
func separates(r rune) bool {
	return r != 0 && r != '"' && r != '\r' && r != '\n' && utf8.ValidRune(r) && r != utf8.RuneError
}

// startWithHeader reads the header and finds the columns.
func (r *Reader) startWithHeader(o Options) error {
	p, err := r.records.find()
	if err != nil || p.dropped {
		return r.orOverlong(p, err)
	}
	if err := refuseJSON(p.bytes[:p.end], o); err != nil {
		return err
	}
	if p.lineEnd() == "" && r.changed() {
		return &UnusableError{Reason: "the header is not complete: the file is still being written", Hint: "wait until it is whole"}
	}
	header, err := r.records.parse(p)
	if o.Delimiter == 0 && (err != nil || !hasUsernameColumn(header.fields, o.UsernameColumn)) {
		if found := r.delimitersWithColumn(o); len(found) == 1 {
			r.setDelimiter(found[0])
			r.found.DelimiterFound = true
			if p, err = r.records.find(); err != nil {
				return err
			}
			header, err = r.records.parse(p)
		}
	}
	if err != nil {
		return r.explainHeader(p, nil, o, err)
	}
	columns := slices.Clone(header.fields)
	if err := refuseBinary(columns, o.Path); err != nil {
		return err
	}
	r.layout, err = parseHeader(columns, o.UsernameColumn)
	if errors.Is(err, errNoColumn) {
		return r.explainHeader(p, columns, o, nil)
	}
	if err != nil {
		return err
	}
	r.columns, r.header = columns, r.header+header.raw
	r.records.take(p)
	r.offset.Store(r.records.offset)
	r.noteFirst(&header)
	r.start = r.place()
	return r.lookAhead()
}

// peek reads the records that were read already, and takes nothing.
func (r *Reader) peek(delimiter rune) *records {
	peeked := newRecords(bytes.NewReader(r.records.rest()), Options{Delimiter: delimiter, MaxRecord: r.records.max})
	peeked.line = r.records.line
	return peeked
}

func (r *Reader) delimitersWithColumn(o Options) []rune {
	var found []rune
	for _, delimiter := range otherDelimiters() {
		header, err := r.peek(delimiter).next()
		if err == nil && hasUsernameColumn(header.fields, o.UsernameColumn) {
			found = append(found, delimiter)
		}
	}
	return found
}

// mostAhead and mostBytesAhead are how far the rows are read that have to tell
// which column has the usernames.
const (
	mostAhead      = 100
	mostBytesAhead = 1 << 20
)

// lookAhead reads the first rows where the header leaves a doubt: an empty
// username column beside a full one of the other name, or quotation marks that
// are none.
func (r *Reader) lookAhead() error {
	if first, err := r.peek(r.Delimiter()).next(); err == nil && first.lineEnd != "" && r.layout.username < len(first.fields) {
		if marks, ok := typographicMarks(first.fields[r.layout.username]); ok {
			return typographic(marks, first.line)
		}
	}
	if r.layout.rival < 0 {
		return nil
	}
	size := 0
	for len(r.queue) < mostAhead && size < mostBytesAhead {
		next := r.read()
		r.queue = append(r.queue, next)
		size += len(next.row.Raw)
		if next.err != nil {
			break
		}
		if next.row.Username != "" {
			return nil
		}
	}
	if r.rivals == 0 {
		return nil
	}
	return &UnusableError{
		Reason: fmt.Sprintf("the column %q is empty, and the column %q is not", usernameName, cognitoUsernameName),
		Hint:   "say which one it is: --username-column " + cognitoUsernameName,
	}
}

// startWithRow looks at the first record, which is a user, for what it may be
// instead.
func (r *Reader) startWithRow(o Options) error {
	r.start = r.place()
	p, err := r.records.find()
	if err != nil {
		return err
	}
	if p.dropped {
		r.queue = append(r.queue, item{row: r.records.overlong(p).row()})
		return nil
	}
	line := string(p.bytes[:p.end])
	if err := refuseJSON(p.bytes[:p.end], o); err != nil {
		return err
	}
	isOneLine := p.lastLine == p.line
	cells := 0
	if first, err := r.records.parse(p); err == nil {
		cells = len(first.fields)
		if err := r.refuseFirstRow(first, o); err != nil {
			return err
		}
	}
	r.queue = append(r.queue, r.read())
	if err := r.queue[0].err; err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if row := r.queue[0].row; row.Invalid != nil && row.Invalid.Code == CodeHeaderLine {
		r.unwantedHeader = row.Line
	}
	l := splitList(line, r.Delimiter())
	if l == nil || !isOneLine {
		return nil
	}
	if l.isOfUsers(true) && errors.Is(r.records.skip(), io.EOF) {
		return l.refusal(o.Path)
	}
	if cells == 1 && o.Delimiter == 0 {
		return l.refuseDelimiter(o.Path)
	}
	return nil
}

// refuseFirstRow refuses a first record that is not a user.
func (r *Reader) refuseFirstRow(first record, o Options) error {
	fields := first.fields
	if err := refuseBinary(fields, o.Path); err != nil {
		return err
	}
	if marks, ok := typographicMarks(fields[0]); ok {
		return typographic(marks, first.line)
	}
	isUsernameName := func(cell string) bool { return slices.Contains(candidates(""), canonical(cell)) }
	if !isUsernameName(fields[0]) && looksLikeColumnName(fields[0]) && slices.ContainsFunc(fields[1:], isUsernameName) {
		return &UnusableError{
			Reason: fmt.Sprintf("line %d is a header with a column of usernames, which is not the first column", first.line),
			Hint:   "leave out --no-header",
		}
	}
	return nil
}
