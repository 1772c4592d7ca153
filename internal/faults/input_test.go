//go:build unix

package faults

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"strings"

	"cognito-confirm/internal/fakecognito"
)

// inputHeader is the header of every input.
const inputHeader = "username,note"

// expectedRow is a row of the input with the outcome that an undisturbed run has.
type expectedRow struct {
	line      int
	username  string
	fields    []string
	malformed bool
	status    string
	twin      bool // another row has the same username
}

// writeInput writes n rows of every kind and adds their users to the pool. The
// distances between rows of a kind have no common factor, so that every kind
// has every other as a neighbour somewhere.
func (s *scenario) writeInput(n int) error {
	var text bytes.Buffer
	out := csv.NewWriter(&text)
	out.Write(strings.Split(inputHeader, ","))
	line, counted := 1, 0
	for i := range n {
		out.Flush()
		line += bytes.Count(text.Bytes()[counted:], []byte("\n"))
		counted = text.Len()
		row := expectedRow{line: line, username: fmt.Sprintf("user%06d", i), status: "confirmed"}
		note := fmt.Sprintf("row %d", i)
		status := fakecognito.Unconfirmed
		switch {
		case i%17 == 3:
			row.status, status = "already_confirmed", fakecognito.Confirmed
		case i%23 == 5:
			row.status, status = "failed", fakecognito.ForceChangePassword
		case i%31 == 11:
			row.status = "trigger_failed"
			s.triggers = append(s.triggers, row.username)
		case i%37 == 13:
			row.username, row.status = "no username "+row.username, "invalid"
		case i%41 == 17:
			row.username, row.status, row.malformed = "", "invalid", true
		case i%43 == 19:
			note += "\nwith a \"second\" line"
		case i%47 == 20:
			s.rows[i-1].twin, row.twin = true, true
			row.username = s.rows[i-1].username
			row.status, row.malformed = s.rows[i-1].status, false
		}
		row.fields = []string{row.username, note}
		if row.malformed {
			out.Write([]string{"too", "many", note})
		} else {
			out.Write(row.fields)
		}
		if row.status != "invalid" && !row.twin && i%29 != 7 {
			s.server.AddUser(row.username, status)
		} else if i%29 == 7 && !row.twin && row.status != "invalid" {
			row.status = "failed" // not in the pool
		}
		s.rows = append(s.rows, row)
	}
	out.Flush()
	return os.WriteFile(s.path("users.csv"), text.Bytes(), 0o600)
}

// writePlainInput replaces the input with n rows that can all be confirmed.
func (s *scenario) writePlainInput(n int) error {
	s.rows, s.triggers = nil, nil
	text := inputHeader + "\n"
	for i := range n {
		row := expectedRow{line: i + 2, username: fmt.Sprintf("plain%06d", i), status: "confirmed"}
		row.fields = []string{row.username, ""}
		s.server.AddUser(row.username, fakecognito.Unconfirmed)
		s.rows = append(s.rows, row)
		text += row.username + ",\n"
	}
	return os.WriteFile(s.path("users.csv"), []byte(text), 0o600)
}
