package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/audit"
	"cognito-confirm/worker"
)

// mistakes is an input with something of everything that check finds: more
// refusals and more duplicates of a kind than are shown.
func mistakes() string {
	var b strings.Builder
	b.WriteString("username,client_metadata.campaign,note,client_metadata.locale\n")
	for i := range 25 {
		fmt.Fprintf(&b, "not one %d,,,\n", i) // lines 2 to 26
	}
	b.WriteString("\"\",,,\n")                        // 27
	b.WriteString("ragged,row\n")                     // 28
	b.WriteString(strings.Repeat("x", 129) + ",,,\n") // 29
	b.WriteString("alice,\"\xff\",,\n")               // 30: refused, so it is not a duplicate
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
	input := put(t, dir, "users.csv", mistakes())
	got := invoke(t, "check", input, "--summary", "-")
	got.wantStatus(t, 3)
	golden(t, "check.golden.txt", stable(got.stderr, dir))
	golden(t, "check.golden.json", stable(got.stdout, dir))
	if left := names(t, dir); left != "users.csv" {
		t.Errorf("left behind: %s", left)
	}
}

// TestNobodyReadsACheck: without a list it waits for nobody, and with one for a while.
func TestNobodyReadsACheck(t *testing.T) {
	found := newInspection(shownLines)
	found.setRate(10, 0)
	refused := newInspection(shownLines)
	for line := range 20 {
		refused.refuse(worker.Row{Line: line + 2, Invalid: &worker.Invalid{Code: "empty"}})
	}
	for what, test := range map[string]struct {
		found *inspection
		want  time.Duration
	}{"nothing to list": {found, 0}, "a list": {refused, 5 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			reader, writer := io.Pipe()
			c := newConsole(started("check"), nil, io.Discard, writer)
			began := time.Now()
			test.found.print(t.Context(), c)
			(&poolFindings{Result: &audit.Result{}}).print(t.Context(), c)
			if took := time.Since(began); took != test.want {
				t.Errorf("%s: printed after %v", what, took)
			}
			reader.Close()
			c.close()
		})
	}
}

// TestCheckOfNothingToFind has empty lists in its JSON, and not null.
func TestCheckOfNothingToFind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	summary := filepath.Join(dir, "findings.json")
	got := invoke(t, "check", put(t, dir, "users.csv", numbered(5000)), "--rate", "25", "--summary", summary)
	got.wantStatus(t, 0)
	want := "cognito-confirm: UTF-8, lines end with LF, one column, named username\n" +
		"cognito-confirm: every record is on one line\n" +
		"cognito-confirm: 5,000 rows: 5,000 to confirm, 0 would be refused, 0 duplicates\n" +
		"cognito-confirm: a run takes at least 3m20s at 25 attempts a second\n"
	if got.stderr != want || got.stdout != "" {
		t.Errorf("standard error:\n%s\nwant\n%s\nstandard output: %q", got.stderr, want, got.stdout)
	}
	var found map[string]any
	if err := json.Unmarshal([]byte(read(t, summary)), &found); err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{"codes", "duplicate_lines", "metadata_columns", "mangled"} {
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

// TestCheckAgreesWithRun: what check tells of an input is what a run makes of it.
func TestCheckAgreesWithRun(t *testing.T) {
	t.Parallel()
	s, dir := start(t), t.TempDir()
	input := put(t, dir, "users.csv", mistakes())
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
