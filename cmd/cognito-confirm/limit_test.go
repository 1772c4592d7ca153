package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cognito-confirm/internal/program"
)

// TestLimit: some rows today, the rest with the command that the run prints.
func TestLimit(t *testing.T) {
	t.Parallel()
	s := start(t)
	dir := t.TempDir()
	input := filepath.Join(dir, "users.csv")
	if err := os.WriteFile(input, []byte("username\nann\n\"\"\nbob\ncarol\n\"\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	called := func() (names string) {
		for _, call := range s.Calls() {
			names += call.Username + " "
		}
		return names
	}

	got := invoke(t, s.args(input, "--concurrency", "1", "--limit", "2", "--summary", "-", "--until", "23:59")...)
	got.wantStatus(t, program.Stopped)
	got.wantError(t, "cognito-confirm: 2 rows as asked, resume for the rest\n", "2 rows at most; until 23:59, for ",
		"cognito-confirm: 3 rows in ", input+" --concurrency 1 --summary - --until 23:59 --resume\n")
	if strings.Contains(got.stderr, "stopped") || called() != "ann bob " {
		t.Errorf("called %s\n%s", called(), got.stderr)
	}
	if !strings.Contains(got.stdout, `"outcome": "stopped",`+"\n"+`  "reason": "2 rows as asked, resume for the rest"`) {
		t.Errorf("summary %s", got.stdout)
	}

	quiet := invoke(t, s.args(input, "--resume", "--limit", "1", "--quiet")...)
	quiet.wantStatus(t, program.Unsuccessful) // what is left is one row that is sent and one that is not
	if quiet.stderr != "" || called() != "ann bob carol " {
		t.Errorf("called %s\n%s", called(), quiet.stderr)
	}
}
