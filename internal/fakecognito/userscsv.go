package fakecognito

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// LoadUsers adds the users of a CSV file and returns the number of records it
// read. The first line is the header. The column "username" (or
// "cognito:username") is required. The columns "status", "enabled", "created_at"
// (a time in RFC 3339, or a date) and those of attributes, standard ones and
// "custom:...", are optional; other columns are ignored. An empty status is
// UNCONFIRMED, and an empty field tells nothing. Header names and statuses may be
// in any case. A username that occurs again gets the later values. An error names
// the line; the users of the lines before it have been added.
func (s *Server) LoadUsers(r io.Reader) (int, error) {
	records := csv.NewReader(skipByteOrderMark(r))
	records.ReuseRecord = true
	header, err := records.Read()
	if errors.Is(err, io.EOF) {
		return 0, errors.New("line 1: no header, the file is empty")
	}
	if err != nil {
		return 0, fmt.Errorf("read header: %w", err)
	}
	columns := columnsOf(header)
	usernameColumn := slices.Index(columns, columnUsername)
	if usernameColumn < 0 {
		return 0, errors.New(`line 1: no column "username" in the header`)
	}

	for n := 0; ; n++ {
		record, err := records.Read()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, fmt.Errorf("read users: %w", err) // a csv.ParseError names the line
		}
		u, err := userOf(columns, record)
		if err != nil {
			line, _ := records.FieldPos(usernameColumn)
			return n, fmt.Errorf("line %d: %w", line, err)
		}
		s.PutUser(u)
	}
}

// The columns that are not attributes.
const (
	columnUsername = "username"
	columnStatus   = "status"
	columnEnabled  = "enabled"
	columnCreated  = "created_at"
)

// columnsOf returns what each column holds, "" for a column that is ignored or
// that was there before.
func columnsOf(header []string) []string {
	attributes := []string{"sub", "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture",
		"website", "email", "email_verified", "gender", "birthdate", "zoneinfo", "locale", "phone_number", "phone_number_verified", "address", "updated_at"}
	known := append(attributes, columnUsername, columnStatus, columnEnabled, columnCreated)
	columns := make([]string, len(header))
	for i, field := range header {
		name := strings.TrimSpace(field)
		if !strings.HasPrefix(name, "custom:") { // the names of these have cases
			name = strings.TrimPrefix(strings.ToLower(name), "cognito:")
			if !slices.Contains(known, name) {
				continue
			}
		}
		if !slices.Contains(columns, name) {
			columns[i] = strings.Clone(name)
		}
	}
	return columns
}

// userOf reads the user of a record. All fields of a record share one string; what
// is kept is cloned, which releases the others.
func userOf(columns, record []string) (User, error) {
	var u User
	for i, column := range columns {
		field := strings.TrimSpace(record[i])
		if column == "" || field == "" && column != columnUsername {
			continue
		}
		var err error
		switch column {
		case columnUsername:
			var wrong violations
			if wrong.checkUsername(&field); len(wrong) > 0 {
				return User{}, fmt.Errorf("username %q: the service takes 1 to 128 characters and no spaces", field)
			}
			u.Username = strings.Clone(field)
		case columnStatus:
			u.Status, err = parseStatus(field)
		case columnEnabled:
			var enabled bool
			if enabled, err = strconv.ParseBool(strings.ToLower(field)); err != nil {
				err = fmt.Errorf("enabled %q: neither true nor false", field)
			}
			u.Disabled = !enabled
		case columnCreated:
			u.Created, err = parseTime(field)
		default:
			if u.Attributes == nil {
				u.Attributes = make(map[string]string)
			}
			u.Attributes[column] = strings.Clone(field)
		}
		if err != nil {
			return User{}, err
		}
	}
	return u, nil
}

func parseTime(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("created_at %q: neither a time such as 2026-11-26T09:30:00Z nor a date", text)
}

func skipByteOrderMark(r io.Reader) io.Reader {
	buffered := bufio.NewReader(r)
	if start, _ := buffered.Peek(3); string(start) == "\ufeff" {
		buffered.Discard(3)
	}
	return buffered
}
