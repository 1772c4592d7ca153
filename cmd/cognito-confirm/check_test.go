package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// findingsInput has something of everything that check finds: more refusals
// and more duplicates of a kind than are shown.
func findingsInput() string {
	var b strings.Builder
	b.WriteString("username,client_metadata.campaign,note,client_metadata.locale\n")
	for i := range 25 {
		fmt.Fprintf(&b, "not one %d,,,\n", i) // lines 2 to 26
	}
	b.WriteString("\"\",,,\n")                        // 27
	b.WriteString("ragged,row\n")                     // 28
	b.WriteString(strings.Repeat("x", 129) + ",,,\n") // 29
	b.WriteString("alice,\"\xff\",,\n")               // 30: refused, so it is no duplicate
	for i := range 22 {
		fmt.Fprintf(&b, "twin%d,,,\n", i) // 31 to 52
	}
	for i := range 22 {
		fmt.Fprintf(&b, " twin%d ,a,b,c\n", i) // 53 to 74
	}
	b.WriteString("alice,,,\nAlice,,,\nbob,,,\n") // 75, 76, 77
	b.WriteString("alice,,,\nalice,,,\n")         // 78, 79
	b.WriteString("\"open,,,\ncarol,,,\n")        // 80 to the end
	return b.String()
}

func TestCheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	input := put(t, dir, "users.csv", findingsInput())
	got := invoke(t, "check", input, "--summary", "-")
	got.wantStatus(t, 3)
	golden(t, "check.golden.txt", stable(got.stderr, dir))
	golden(t, "check.golden.json", stable(got.stdout, dir))
	if left := names(t, dir); left != "users.csv" {
		t.Errorf("left behind: %s", left)
	}
}

// TestCheckOfNothingToFind has lists in its JSON, and not null, where there is nothing.
func TestCheckOfNothingToFind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	summary := filepath.Join(dir, "findings.json")
	got := invoke(t, "check", put(t, dir, "users.csv", numbered(5000)), "--rate", "25", "--summary", summary)
	got.wantStatus(t, 0)
	want := "cognito-confirm: 5,000 rows: 5,000 to confirm, 0 would be refused, 0 duplicates\n" +
		"cognito-confirm: a run takes at least 3m20s at 25 attempts a second\n"
	if got.stderr != want || got.stdout != "" {
		t.Errorf("standard error:\n%s\nwant\n%s\nstandard output: %q", got.stderr, want, got.stdout)
	}
	var found map[string]any
	if err := json.Unmarshal([]byte(read(t, summary)), &found); err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{"codes", "duplicate_lines", "metadata_columns"} {
		if values, ok := found[list].([]any); !ok || len(values) != 0 {
			t.Errorf("%s is %v, want an empty list", list, found[list])
		}
	}
	if found["rows"] != 5000.0 || found["seconds"] != 200.0 || found["rate"] != 25.0 {
		t.Errorf("findings: %v", found)
	}
	if info, err := os.Stat(summary); err != nil || info.Mode() != 0o600 {
		t.Errorf("the findings: %v, %v", info.Mode(), err)
	}
}

// TestCheckAgreesWithRun: what check says of an input is what a run makes of it.
func TestCheckAgreesWithRun(t *testing.T) {
	t.Parallel()
	s, dir := start(t), t.TempDir()
	input := put(t, dir, "users.csv", findingsInput())
	got := invoke(t, s.args(input, "--summary", "-")...)
	got.wantStatus(t, 3)
	var summary struct{ Rows, Confirmed, Invalid int }
	if err := json.Unmarshal([]byte(got.stdout), &summary); err != nil {
		t.Fatal(err)
	}
	checked := invoke(t, "check", input, "--summary", "-")
	checked.wantStatus(t, 3)
	var found struct{ Rows, Invalid int }
	if err := json.Unmarshal([]byte(checked.stdout), &found); err != nil {
		t.Fatal(err)
	}
	if found.Rows != summary.Rows || found.Invalid != summary.Invalid || summary.Confirmed != found.Rows-found.Invalid {
		t.Errorf("check: %+v, run: %+v", found, summary)
	}
}

// TestCheckReadsAsRunDoes: every flag of the input.
func TestCheckReadsAsRunDoes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		content string
		args    []string
		rows    string
	}{
		{"alice\nbob\n", []string{"--no-header"}, "2 rows: 2 to confirm"},
		{"a;login\n1;alice\n", []string{"--delimiter", ";", "--username-column", "Login"}, "1 rows: 1 to confirm"},
		{zipped(t, "username\nalice\nbob\ncarol\n"), nil, "3 rows: 3 to confirm"},
		{"username\n", nil, "0 rows: 0 to confirm"},
	}
	for _, test := range tests {
		for _, piped := range []bool{false, true} {
			input, stdin := put(t, t.TempDir(), "users.csv", test.content), ""
			if piped {
				input, stdin = "-", test.content
			}
			got := invokeWith(t, t.Context(), nil, stdin, append([]string{"check", input}, test.args...)...)
			got.wantStatus(t, 0)
			got.wantError(t, test.rows)
		}
	}
}

// TestCheckDoesNotWriteOverItsInput, by whatever name.
func TestCheckDoesNotWriteOverItsInput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	input := put(t, dir, "users.csv", "username\nalice\n")
	link := filepath.Join(dir, "link.json")
	if err := os.Symlink(input, link); err != nil {
		t.Fatal(err)
	}
	for _, summary := range []string{input, link, filepath.Join(dir, ".", "users.csv")} {
		got := invoke(t, "check", input, "--summary", summary)
		got.wantStatus(t, 2)
		got.wantError(t, "the input and the summary are the same file")
	}
	got := invoke(t, "check", input, "--summary", filepath.Join(dir, "none", "f.json"))
	got.wantStatus(t, 2)
	got.wantError(t, "open summary: ")
	if content := read(t, input); content != "username\nalice\n" {
		t.Errorf("the input is now %q", content)
	}
}
