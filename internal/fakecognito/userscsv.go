package fakecognito

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// LoadUsers adds the users of a CSV file and returns the number of records it
// read. The first line is the header. The column "username" (or
// "cognito:username") is required, the column "status" is optional, other columns
// are ignored; an empty status is UNCONFIRMED. Header names and statuses may be in
// any case. A username that occurs again gets the later status. An error names the
// line; the users of the lines before it have been added.
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
	usernameColumn := column(header, "username", "cognito:username")
	statusColumn := column(header, "status")
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
		line, _ := records.FieldPos(usernameColumn)
		username := strings.TrimSpace(record[usernameColumn])
		var wrong violations
		wrong.checkUsername(&username)
		if len(wrong) > 0 {
			return n, fmt.Errorf("line %d: username %q: the service takes 1 to 128 characters and no spaces", line, username)
		}
		status := Unconfirmed
		if statusColumn >= 0 {
			if name := strings.TrimSpace(record[statusColumn]); name != "" {
				if status, err = parseStatus(name); err != nil {
					return n, fmt.Errorf("line %d: %w", line, err)
				}
			}
		}
		// All fields of a record share one string; a clone releases the others.
		s.AddUser(strings.Clone(username), status)
	}
}

// column returns the position of the first header field with one of the names, or -1.
func column(header []string, names ...string) int {
	return slices.IndexFunc(header, func(field string) bool {
		return slices.Contains(names, strings.ToLower(strings.TrimSpace(field)))
	})
}

func skipByteOrderMark(r io.Reader) io.Reader {
	buffered := bufio.NewReader(r)
	if start, _ := buffered.Peek(3); string(start) == "\ufeff" {
		buffered.Discard(3)
	}
	return buffered
}
