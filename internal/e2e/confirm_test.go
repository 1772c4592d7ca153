//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// row is a record of the input with its line of the report.
type row struct {
	record string               // as in the file; empty: the username
	before types.UserStatusType // empty for a user that the pool lacks
	want   reported
}

// unconfirmed are users that can be confirmed.
func unconfirmed() (rows []row) {
	names := []string{"Zoë", "o'brien", "名前", "a+b@example.com"}
	for i := range 40 {
		names = append(names, fmt.Sprintf("user%02d@example.com", i))
	}
	for _, name := range names {
		rows = append(rows, row{before: types.UserStatusTypeUnconfirmed, want: reported{name, "confirmed", "", 1}})
	}
	// The last two need their quotation marks; one record has two lines.
	return append(rows,
		row{`quoted,"a note` + "\n" + `of two lines"`, types.UserStatusTypeUnconfirmed, reported{"quoted", "confirmed", "", 1}},
		row{`"doe,jane",`, types.UserStatusTypeUnconfirmed, reported{"doe,jane", "confirmed", "", 1}})
}

// confirmed are users with nothing left to do.
func confirmed() (rows []row) {
	for i := range 5 {
		rows = append(rows, row{before: types.UserStatusTypeConfirmed,
			want: reported{fmt.Sprintf("done%d", i), "already_confirmed", "NotAuthorizedException", 1}})
	}
	return rows
}

// unsuccessful are records that cannot be confirmed.
func unsuccessful() []row {
	const notAuthorized = "NotAuthorizedException" // cognito-local answers so for a missing user too
	return []row{
		{before: types.UserStatusTypeForceChangePassword, want: reported{"invited", "failed", notAuthorized, 1}},
		{want: reported{"missing0", "failed", notAuthorized, 1}},
		{want: reported{"missing1", "failed", notAuthorized, 1}},
		{want: reported{"missing2", "failed", notAuthorized, 1}},
		{record: ",no name", want: reported{"", "invalid", "empty_username", 0}},
		{record: "two words,", want: reported{"two words", "invalid", "username_not_allowed", 0}},
		{record: "too,many,columns", want: reported{"", "invalid", "malformed_record", 0}},
	}
}

// confirmation is an input, its user pool and the result that a run must have.
type confirmation struct {
	pool  *cognitoLocal
	input string
	want  map[int]reported                // by line
	after map[string]types.UserStatusType // by username, of the whole pool
}

// prepare brings the users of the rows into a new pool and the rows into a file.
func prepare(t *testing.T, rows []row) *confirmation {
	t.Helper()
	c := &confirmation{
		pool:  startCognitoLocal(t),
		input: filepath.Join(t.TempDir(), "users.csv"),
		want:  make(map[int]reported),
		after: map[string]types.UserStatusType{"bystander": types.UserStatusTypeUnconfirmed},
	}
	c.pool.add("bystander", types.UserStatusTypeUnconfirmed) // in no row
	text := "username,note\n"
	for _, r := range rows {
		if r.record == "" {
			r.record = r.want.username + ","
		}
		c.want[strings.Count(text, "\n")+1] = r.want
		text += r.record + "\n"
		if r.before != "" {
			c.pool.add(r.want.username, r.before)
			c.after[r.want.username] = r.before
		}
		if r.want.status == "confirmed" {
			c.after[r.want.username] = types.UserStatusTypeConfirmed
		}
	}
	if err := os.WriteFile(c.input, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

// run runs the program and checks its exit status, its report and the whole pool.
func (c *confirmation) run(t *testing.T, status int, flags ...string) {
	t.Helper()
	arguments := append([]string{"run", "--endpoint-url", c.pool.url, "--user-pool-id", *c.pool.poolID, "--rate", "500"}, flags...)
	got := finish(t, newCommand(t, t.TempDir(), credentials(), "cognito-confirm", append(arguments, c.input)...))
	if got.status != status || got.stdout != "" {
		t.Errorf("exit status %d, want %d; standard output %q, want none\n%s", got.status, status, got.stdout, got.stderr)
	}
	checkReport(t, strings.TrimSuffix(c.input, ".csv")+".report.csv", c.want)
	after := c.pool.statuses()
	for username, want := range c.after {
		if after[username] != want {
			t.Errorf("%s is %q in the pool after the run, want %q", username, after[username], want)
		}
	}
	if len(after) != len(c.after) {
		t.Errorf("%d users in the pool after the run, want %d", len(after), len(c.after))
	}
}

func TestSomeRowsFail(t *testing.T) {
	c := prepare(t, slices.Concat(unconfirmed(), unsuccessful(), confirmed()))
	c.run(t, 3)

	failed, err := os.ReadFile(strings.TrimSuffix(c.input, ".csv") + ".failed.csv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(failed)), "\n")
	slices.Sort(lines[1:]) // they are in the order in which they finished
	want := []string{"username,note,confirm_status,confirm_code,confirm_message", ",no name,invalid,empty_username,", "invited,,failed,NotAuthorizedException,",
		"missing0,,failed,NotAuthorizedException,", "missing1,,failed,NotAuthorizedException,", "missing2,,failed,NotAuthorizedException,",
		"two words,,invalid,username_not_allowed,"}
	if !slices.EqualFunc(lines, want, strings.HasPrefix) { // the messages are the service's
		t.Errorf("failed rows %q, want %q", lines, want)
	}
}

func TestEveryRowSucceeds(t *testing.T) {
	c := prepare(t, slices.Concat(unconfirmed(), confirmed()))
	c.run(t, 0)
	if _, err := os.Stat(strings.TrimSuffix(c.input, ".csv") + ".failed.csv"); err == nil {
		t.Error("a failed-rows file without failed rows")
	}

	// A second time there is nothing left to do.
	for line := range c.want {
		c.want[line] = reported{c.want[line].username, "already_confirmed", "NotAuthorizedException", 1}
	}
	c.run(t, 0, "--overwrite")
}
