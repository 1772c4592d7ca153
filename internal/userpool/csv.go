package userpool

import (
	"encoding/csv"
	"io"
	"iter"
	"slices"
	"strconv"
	"time"

	"cognito-confirm/internal/cognito"
)

// Columns returns the columns of a list with these further attributes, each once.
// The first is the username, so that a list is an input of a run.
func Columns(attributes []string) []string {
	columns := []string{"username", "status", "enabled", "created_at", "sub", "email", "phone_number"}
	for _, name := range attributes {
		if !slices.Contains(columns, name) {
			columns = append(columns, name)
		}
	}
	return columns
}

// Write writes the users of the selection as a CSV with the given columns, at most
// limit of them; 0 is all. It returns how many it wrote. Its error is the first of
// users, or that of the writer.
func Write(to io.Writer, columns []string, users iter.Seq2[cognito.User, error], selection Selection, limit int) (written int, err error) {
	out := csv.NewWriter(to)
	if err := out.Write(columns); err != nil {
		return 0, err
	}
	record := make([]string, len(columns))
	for user, err := range users {
		if err != nil {
			return written, err
		}
		if !selection.Has(user) {
			continue
		}
		for i, column := range columns {
			record[i] = field(user, column)
		}
		if err := out.Write(record); err != nil {
			return written, err
		}
		if written++; written == limit {
			break
		}
	}
	out.Flush()
	return written, out.Error()
}

// field returns what a user has in a column, empty for an attribute that the user lacks.
func field(u cognito.User, column string) string {
	switch column {
	case "username":
		return u.Username
	case "status":
		return u.Status
	case "enabled":
		return strconv.FormatBool(u.Enabled)
	case "created_at":
		if u.CreatedAt.IsZero() {
			return ""
		}
		return u.CreatedAt.UTC().Format(time.RFC3339)
	}
	return u.Attributes[column]
}
