package rows

import (
	"regexp"
	"strings"
	"unicode"
)

// list is a line that has more than one user on it.
type list struct {
	cells     []string
	delimiter rune
	tr        string // the arguments of tr that put them on lines of their own
}

// splitList splits a line at what separates most of its cells. It returns nil
// where there is nothing to split at.
func splitList(line string, delimiter rune) *list {
	for _, separator := range []string{"\t", string(delimiter), ",", ";", "|", " "} {
		if !strings.Contains(line, separator) {
			continue
		}
		l := &list{delimiter: []rune(separator)[0]}
		isSpaced := false
		for cell := range strings.SplitSeq(line, separator) {
			trimmed := strings.Trim(strings.TrimSpace(cell), `"`)
			isSpaced = isSpaced || strings.HasPrefix(cell, " ") || separator == " "
			if trimmed != "" {
				l.cells = append(l.cells, trimmed)
			}
		}
		l.tr = `'` + strings.ReplaceAll(separator, "\t", `\t`) + `' '\n'`
		if isSpaced && separator != " " {
			l.tr = `-s '` + separator + ` ' '\n'`
		} else if isSpaced {
			l.tr = `-s ' ' '\n'`
		}
		return l
	}
	return nil
}

// isOfUsers reports that every cell can be a username, that none is the name of a
// column, and that they are of one kind. isOnly means that there is no other
// line: then it takes less to be a list.
func (l *list) isOfUsers(isOnly bool) bool {
	if len(l.cells) < 2 || len(l.cells) < 3 && !isOnly {
		return false
	}
	first := kindOf(l.cells[0])
	for _, cell := range l.cells {
		kind := kindOf(cell)
		if validateUsername(cell) != nil || looksLikeColumnName(cell) || kind.isMixed != first.isMixed || kind.hasAt != first.hasAt {
			return false
		}
		// Two cells alone are as likely a user and something about it.
		if len(l.cells) == 2 && kind.shape != first.shape {
			return false
		}
	}
	// A name and a place are of one kind, too, but nobody puts a tab between them.
	return first.hasAt || first.isMixed || isOnly && (l.delimiter == '\t' || l.delimiter == ' ')
}

// kind is what a username is made of, roughly.
type kind struct {
	hasAt   bool
	isMixed bool // of letters and digits
	shape   string
}

var digits = regexp.MustCompile(`\d+`)

func kindOf(cell string) kind {
	if strings.Contains(cell, "@") {
		return kind{hasAt: true}
	}
	mixed := strings.ContainsFunc(cell, unicode.IsDigit) && strings.ContainsFunc(cell, unicode.IsLetter)
	if mixed && len(cell) == len("3f2504e0-4f89-11d3-9a0c-0305e82c3301") {
		return kind{isMixed: true}
	}
	return kind{isMixed: mixed, shape: digits.ReplaceAllString(cell, "0")}
}

func (l *list) refusal(path string) error {
	return &UnusableError{
		Reason: "a line of the input has several users on it; they belong on lines of their own",
		Hint:   "put them there: " + through(path, "tr "+l.tr, "--no-header"),
	}
}

// refuseDelimiter refuses a line of one column that something else than the
// comma seems to separate. A bar may well be a part of a username.
func (l *list) refuseDelimiter(path string) error {
	switch {
	case l.delimiter == '\t' && l.isOfUsers(false):
		return l.refusal(path)
	case l.delimiter == '\t' && len(l.cells) > 1:
		return &UnusableError{Reason: "the first line has tabs in it, and no username can", Hint: "say what separates the columns: --delimiter tab"}
	case l.delimiter == ';' && len(l.cells) > 1:
		return &UnusableError{
			Reason: "the columns of the first line seem to be separated by ';'",
			Hint:   "say so with --delimiter ';', or with --delimiter , when it is a part of the username",
		}
	}
	return nil
}
