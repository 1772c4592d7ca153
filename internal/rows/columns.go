package rows

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// metadataPrefix starts the name of a column of client metadata.
const metadataPrefix = "client_metadata."

// The usual names of the username column, looked for in this order. The second
// is that of the template for Cognito's own CSV import.
const (
	usernameName        = "username"
	cognitoUsernameName = "cognito:username"
)

// columnLayout is which columns there are and what they mean.
type columnLayout struct {
	// columns is how many a record has, 0 as long as nobody knows.
	columns int
	// username is the position of the username column, name its canonical
	// name, "" when there is no header.
	username int
	name     string
	// hasOwnName reports that it is not one of the usual ones.
	hasOwnName bool
	// rival is the position of a column that may have the usernames when the
	// username column has none, -1 without one.
	rival int
	// metadata lists the client_metadata columns, in their order.
	metadata []metadataColumn
}

type metadataColumn struct {
	position int
	key      string
}

// parseHeader finds the username column and the metadata columns. wanted is
// the --username-column, empty for the usual ones.
func parseHeader(columns []string, wanted string) (columnLayout, error) {
	l := columnLayout{columns: len(columns), rival: -1}
	var err error
	if l.username, err = usernameColumn(columns, wanted); err != nil {
		return columnLayout{}, err
	}
	l.name = canonical(columns[l.username])
	l.hasOwnName = !slices.Contains(candidates(""), l.name)
	if wanted == "" && l.name == usernameName {
		l.rival = slices.IndexFunc(columns, func(c string) bool { return canonical(c) == cognitoUsernameName })
	}
	seen := make(map[string]bool)
	for i, column := range columns {
		key, ok := metadataKey(column)
		if !ok {
			continue
		}
		if seen[key] {
			return columnLayout{}, doubledColumn(metadataPrefix + key)
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

// candidates are the names that the username column may have.
func candidates(wanted string) []string {
	if wanted != "" {
		return []string{canonical(wanted)}
	}
	return []string{usernameName, cognitoUsernameName}
}

// errNoColumn means that the header has no column of usernames.
var errNoColumn = errors.New("no column of usernames")

func usernameColumn(columns []string, wanted string) (int, error) {
	for _, candidate := range candidates(wanted) {
		first := slices.IndexFunc(columns, func(c string) bool { return canonical(c) == candidate })
		if first < 0 {
			continue
		}
		if slices.ContainsFunc(columns[first+1:], func(c string) bool { return canonical(c) == candidate }) {
			return 0, doubledColumn(candidate)
		}
		return first, nil
	}
	return 0, errNoColumn
}

func hasUsernameColumn(columns []string, wanted string) bool {
	_, err := usernameColumn(columns, wanted)
	return err == nil
}

func doubledColumn(name string) error {
	return &UnusableError{
		Reason: fmt.Sprintf("the header has the column %.80q more than once", name),
		Hint:   "rename or remove one of them",
	}
}

// canonical is how two column names are compared.
func canonical(column string) string { return strings.ToLower(strings.TrimSpace(column)) }
