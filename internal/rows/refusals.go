package rows

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// explainHeader tells why the first record is not a header of users: what else it
// seems to be, or what is missing. columns is nil when the CSV is not valid, and
// invalid then tells why.
func (r *Reader) explainHeader(p piece, columns []string, o Options, invalid error) error {
	delimiters := []rune{cmp.Or(o.Delimiter, ',')}
	if o.Delimiter == 0 {
		delimiters = append(delimiters, otherDelimiters()...)
	}
	line := string(p.bytes[:p.end])
	for _, delimiter := range delimiters {
		if marks, ok := markedHeader(strings.Split(line, string(delimiter)), o.UsernameColumn); ok {
			return typographic(marks, p.line)
		}
	}
	for _, delimiter := range delimiters {
		if header := r.laterHeader(delimiter, o.UsernameColumn); header > 0 {
			return &UnusableError{
				Reason: fmt.Sprintf("line %d is no header; the header seems to be on line %d", p.line, header),
				Hint:   "take away the lines before it: " + through(o.Path, fmt.Sprintf("tail -n +%d", header), ""),
			}
		}
	}
	if l := splitList(line, delimiters[0]); l != nil && p.lastLine == p.line {
		if l.isOfUsers(false) {
			return l.refusal(o.Path)
		}
		if l.isOfUsers(true) {
			if r.records.take(p); errors.Is(r.records.skip(), io.EOF) {
				return l.refusal(o.Path)
			}
		}
	}
	if malformed, ok := errors.AsType[*malformedError](invalid); ok {
		return invalidHeader(malformed)
	}
	return &UnusableError{
		Reason: fmt.Sprintf("the header has no column %.80q; %s", cmp.Or(o.UsernameColumn, usernameName), describeColumns(columns)),
		Hint:   missingColumnHint(columns, o),
	}
}

// laterHeader looks for a header after the first record, and returns its line.
func (r *Reader) laterHeader(delimiter rune, wanted string) int {
	const most = 30
	ahead := r.peek(delimiter)
	for i := range most {
		record, err := ahead.next()
		if err != nil && !is[*malformedError](err) {
			break
		}
		if i > 0 && err == nil && hasUsernameColumn(record.fields, wanted) {
			return record.line
		}
	}
	return 0
}

func missingColumnHint(columns []string, o Options) string {
	if len(columns) == 1 {
		for _, other := range [...]rune{';', '\t', ',', '|'} {
			if other != cmp.Or(o.Delimiter, ',') && strings.ContainsRune(columns[0], other) {
				return "the columns seem to be separated by " + delimiterName(other) + ": try --delimiter " + delimiterFlag(other)
			}
		}
	}
	if o.UsernameColumn == "" {
		return "name the column with --username-column, or use --no-header when the first line is already a user"
	}
	return "name the column with --username-column"
}

func delimiterName(r rune) string {
	if r == '\t' {
		return "tabs"
	}
	return strconv.QuoteRune(r)
}

func delimiterFlag(r rune) string {
	if r == '\t' {
		return "tab"
	}
	return "'" + string(r) + "'"
}

// The quotation marks of print, which CSV does not know.
const (
	openingMarks = "“„‟‘‚‛«‹»›”’＂「『"
	closingMarks = "”“‟’‘‛»›«‹„‚＂」』"
)

// typographicMarks returns the marks around a cell.
func typographicMarks(cell string) (marks string, ok bool) {
	cell = strings.TrimSpace(cell)
	first, size := utf8.DecodeRuneInString(cell)
	last, _ := utf8.DecodeLastRuneInString(cell)
	if len(cell) <= size || !strings.ContainsRune(openingMarks, first) || !strings.ContainsRune(closingMarks, last) {
		return "", false
	}
	return string(first) + " " + string(last), true
}

// markedHeader means that a header has a username column once its marks are taken off.
func markedHeader(columns []string, wanted string) (marks string, ok bool) {
	bare := slices.Clone(columns)
	for i, column := range columns {
		column = strings.TrimSpace(column)
		found, ok := typographicMarks(column)
		if !ok && len(column) > 1 && (column[0] == '\'' || column[0] == '`') && (column[len(column)-1] == '\'' || column[len(column)-1] == column[0]) {
			found, ok = column[:1]+" "+column[len(column)-1:], true
		}
		if ok {
			marks = cmp.Or(marks, found)
			bare[i] = strings.TrimFunc(column, func(r rune) bool { return strings.ContainsRune(openingMarks+closingMarks+"'`", r) })
		}
	}
	return marks, marks != "" && hasUsernameColumn(bare, wanted)
}

func typographic(marks string, line int) error {
	return &UnusableError{
		Reason: fmt.Sprintf("the cells of line %d stand in %s, which are no quotation marks in a CSV", line, marks),
		Hint:   `put straight ones (") in their place, or take them away`,
	}
}

var usernameKey = regexp.MustCompile(`(?i)"((?:cognito:)?user_?name)"\s*:`)

// refuseJSON looks for the start of an object or a list, which a header never has.
// Without a header a brace may be a user, unless quotation marks follow it.
func refuseJSON(line []byte, o Options) error {
	text := strings.TrimSpace(string(line[:min(len(line), 4096)]))
	if text == "" || text[0] != '{' && text[0] != '[' {
		return nil
	}
	second := strings.TrimLeft(text[1:], " \t")
	if o.NoHeader && !strings.HasPrefix(second, `"`) && !strings.HasPrefix(second, `{"`) {
		return nil
	}
	if second != "" && !strings.ContainsAny(second[:1], `{}[]"`) {
		return nil
	}
	kind, filter := "JSON", "'.Users[].Username'"
	key := "username"
	if match := usernameKey.FindStringSubmatch(text); match != nil {
		key = match[1]
	}
	if strings.Contains(key, ":") {
		key = `"` + key + `"`
	}
	switch {
	case text[0] == '{' && strings.HasSuffix(text, "}") && !strings.HasPrefix(text, `{"Users"`) && text != "{}":
		kind, filter = "JSON Lines", "'."+key+"'"
	case text[0] == '[' && strings.HasPrefix(second, `"`):
		filter = "'.[]'"
	case text[0] == '[':
		filter = "'.[]." + key + "'"
	}
	return &UnusableError{
		Reason: "the input is " + kind + ", not a CSV",
		Hint:   "take the usernames out of it: " + through(o.Path, "jq -r "+filter, "--no-header"),
	}
}
