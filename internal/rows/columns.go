package rows

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// metadataPrefix starts the name of a column of client metadata.
const metadataPrefix = "client_metadata."

// defaultUsernameColumns are looked for in this order. The second is the
// header of the template for Cognito's own CSV import.
func defaultUsernameColumns() []string { return []string{"username", "cognito:username"} }

// layout is which columns there are and what they mean.
type layout struct {
	// columns is how many every record has, 0 as long as nobody knows.
	columns int
	// username is the position of the username column.
	username int
	// metadata lists the client_metadata columns, in their order.
	metadata []metadataColumn
}

type metadataColumn struct {
	position int
	key      string
}

// parseHeader finds the username column and the metadata columns. wanted is
// the --username-column, empty for the usual ones.
func parseHeader(columns []string, wanted string, delimiter rune) (layout, error) {
	if err := refuseBinary(columns); err != nil {
		return layout{}, err
	}
	username, err := usernameColumn(columns, wanted, delimiter)
	if err != nil {
		return layout{}, err
	}
	l := layout{columns: len(columns), username: username}
	seen := make(map[string]bool)
	for i, column := range columns {
		key, ok := metadataKey(column)
		if !ok {
			continue
		}
		if seen[key] {
			return layout{}, doubledColumn(metadataPrefix + key)
		}
		seen[key] = true
		l.metadata = append(l.metadata, metadataColumn{i, key})
	}
	return l, nil
}

func metadataKey(column string) (key string, ok bool) {
	column = strings.TrimSpace(column)
	if len(column) <= len(metadataPrefix) || !strings.EqualFold(column[:len(metadataPrefix)], metadataPrefix) {
		return "", false
	}
	return column[len(metadataPrefix):], true
}

func usernameColumn(columns []string, wanted string, delimiter rune) (int, error) {
	candidates := defaultUsernameColumns()
	if wanted != "" {
		candidates = []string{wanted}
	}
	for _, candidate := range candidates {
		candidate = canonical(candidate)
		first := slices.IndexFunc(columns, func(c string) bool { return canonical(c) == candidate })
		if first < 0 {
			continue
		}
		if slices.ContainsFunc(columns[first+1:], func(c string) bool { return canonical(c) == candidate }) {
			return 0, doubledColumn(candidate)
		}
		return first, nil
	}
	return 0, &UnusableError{
		Reason: fmt.Sprintf("the header has no column %q; it has %s", candidates[0], quoteColumns(columns)),
		Hint:   missingColumnHint(columns, wanted, delimiter),
	}
}

func doubledColumn(name string) error {
	return &UnusableError{
		Reason: fmt.Sprintf("the header has the column %.80q more than once", name),
		Hint:   "rename or remove one of them",
	}
}

// canonical is how two column names are compared.
func canonical(column string) string { return strings.ToLower(strings.TrimSpace(column)) }

func missingColumnHint(columns []string, wanted string, delimiter rune) string {
	if slices.ContainsFunc(columns, func(c string) bool { return strings.Contains(c, "\r") }) {
		return `the lines end with carriage returns alone; convert it: tr '\r' '\n'`
	}
	if len(columns) == 1 {
		for _, other := range [...]rune{';', '\t', ',', '|'} {
			if other != delimiter && strings.ContainsRune(columns[0], other) {
				return "the columns seem to be separated by " + delimiterName(other) + ": try --delimiter " + delimiterFlag(other)
			}
		}
	}
	if wanted == "" {
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

// quoteColumns lists the first columns of a header for a message, escaped. A
// header that looks like a user is not shown: somebody may have forgotten
// --no-header, and messages name no users.
func quoteColumns(columns []string) string {
	const most = 8
	var quoted []string
	for i, column := range columns {
		if i == most {
			quoted = append(quoted, fmt.Sprintf("and %d more", len(columns)-most))
			break
		}
		if looksLikeUser(column) {
			column = "..."
		}
		quoted = append(quoted, fmt.Sprintf("%.40q", column))
	}
	return strings.Join(quoted, ", ")
}

// looksLikeUser says whether a column's name is more likely an e-mail address, a
// phone number or an id.
func looksLikeUser(column string) bool {
	letters, digits := 0, 0
	for _, r := range column {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsDigit(r):
			digits++
		}
	}
	return strings.Contains(column, "@") || digits > 0 && digits >= letters
}
