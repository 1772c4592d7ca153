package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// shellWords returns the words that a shell makes of a line.
func shellWords(t *testing.T, line string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sh", "-c", `for word in `+line+`; do printf '%s\0' "$word"; done`).Output()
	if err != nil {
		t.Fatalf("a shell cannot read %s: %v", line, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// TestResumeCommand: what is to be typed is what was typed, and --resume.
func TestResumeCommand(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string   // empty: only what a shell makes of it matters
		then []string // what a shell makes of it without --resume, nil when that is what was typed
	}{
		{[]string{"run", "users.csv"}, "cognito-confirm run users.csv --resume", nil},
		{[]string{"users.csv", "--rate", "40", "--user-pool-id=eu-west-1_A"}, "cognito-confirm users.csv --rate 40 --user-pool-id=eu-west-1_A --resume", nil},
		{[]string{"run", "--resume", "users.csv"}, "cognito-confirm run users.csv --resume", []string{"run", "users.csv"}},
		{[]string{"run", "--overwrite", "users.csv"}, "cognito-confirm run users.csv --resume", []string{"run", "users.csv"}},
		{[]string{"run", "--overwrite=true", "users.csv"}, "cognito-confirm run users.csv --resume", []string{"run", "users.csv"}},
		{[]string{"run", "--resume=true", "users.csv"}, "cognito-confirm run users.csv --resume", []string{"run", "users.csv"}},
		{[]string{"run", "--retry-failed", "users.csv"}, "cognito-confirm run users.csv --resume", []string{"run", "users.csv"}},
		{[]string{"run", "--retry-failed=timeout,http_502", "users.csv"}, "cognito-confirm run users.csv --resume", []string{"run", "users.csv"}},
		{[]string{"run", "my users.csv"}, "cognito-confirm run 'my users.csv' --resume", nil},
		{[]string{"it's", "\"$HOME\"", "`id`", "a;b", "~/x", "*", "!x", "\\", "#"}, "", nil},
		{[]string{"", "ü", "{a,b}", "a&b", "<", "a=b c"}, "", nil},
		{[]string{"run", "--rate", "5", "--", "-users.csv"}, "cognito-confirm run --rate 5 --resume -- -users.csv", nil},
	} {
		got := resumeCommand(programName, test.args)
		if test.want != "" && got != test.want {
			t.Errorf("%q: %s, want %s", test.args, got, test.want)
		}
		words := shellWords(t, strings.TrimPrefix(got, "cognito-confirm "))
		at := slices.Index(words, "--resume")
		if at < 0 {
			t.Fatalf("%q: %s has no --resume in it", test.args, got)
		}
		want := test.args
		if test.then != nil {
			want = test.then
		}
		if words = slices.Delete(words, at, at+1); !slices.Equal(words, want) {
			t.Errorf("%q: a shell makes %q of it, want %q", test.args, words, want)
		}
	}
	if got := resumeCommand(programName, nil); got != "" {
		t.Errorf("without arguments: %s", got)
	}
	if got, want := resumeCommand("./bin/my confirm", []string{"users.csv"}), "'./bin/my confirm' users.csv --resume"; got != want {
		t.Errorf("%s, want %s: the program is started as it was", got, want)
	}
}

// TestCommandWith another flag, whose value may come from outside.
func TestCommandWith(t *testing.T) {
	args := []string{"run", "--resume", "--", "-users.csv"}
	if got, want := commandWith(programName, args, "--retry-failed=a,b c"), "cognito-confirm run '--retry-failed=a,b c' -- -users.csv"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := commandWith(programName, []string{"run", "--client-metadata", "a=b"}, "--retry-failed"), "the same command with --retry-failed"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestResumeCommandIsNotRepeated where a log must not have it.
func TestResumeCommandIsNotRepeated(t *testing.T) {
	const want = "the same command with --resume"
	for _, args := range [][]string{
		{"run", "--client-metadata", "name=Alice", "users.csv"},
		{"run", "--client-metadata=name=Alice", "users.csv"},
		{"run", "--endpoint-url", "https://me:secret@example.com", "users.csv"},
		{"run", "a\nb.csv"},
		{"run", "a\x1b[2Jb.csv"},
	} {
		if got := resumeCommand(programName, args); got != want {
			t.Errorf("%q: %s", args, got)
		}
	}
	if got := resumeCommand("a\tb", []string{"users.csv"}); got != want {
		t.Errorf("%s", got)
	}
}
