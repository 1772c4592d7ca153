package main

import (
	"regexp"
	"strings"
	"testing"
)

// TestHelp: the texts are read more often than the README.
func TestHelp(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"help.golden.txt":          {"--help"},
		"help-run.golden.txt":      {"run", "--help"},
		"help-merge.golden.txt":    {"merge", "--help"},
		"help-check.golden.txt":    {"check", "--help"},
		"help-html.golden.txt":     {"html", "--help"},
		"help-demo.golden.txt":     {"demo", "--help"},
		"help-emulator.golden.txt": {"emulator", "--help"},
	}
	for name, args := range tests {
		got := invoke(t, args...)
		got.wantStatus(t, 0)
		if got.stderr != "" {
			t.Errorf("%v: standard error: %q", args, got.stderr)
		}
		golden(t, name, got.stdout)
	}
	if short := invoke(t, "-h"); short.stdout != invoke(t, "--help").stdout {
		t.Errorf("-h says\n%s", short.stdout)
	}
}

// TestHelpHasTheExitStatuses that a command can have, as they are an interface.
func TestHelpHasTheExitStatuses(t *testing.T) {
	t.Parallel()
	every := "0 1 2 3 4 130 143"
	for command, statuses := range map[string]string{"": every, "run": every, "demo": every, "merge": every, "check": "0 2 3 130 143"} {
		help := invoke(t, append(strings.Fields(command), "--help")...).stdout
		for _, status := range strings.Fields(statuses) {
			if !regexp.MustCompile(`(?m)^  ` + status + ` +\S`).MatchString(help) {
				t.Errorf("the help of %q does not explain exit status %s", command, status)
			}
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	got := invoke(t, "--version")
	got.wantStatus(t, 0)
	if got.stdout == "" || strings.Count(got.stdout, "\n") != 1 || got.stderr != "" {
		t.Errorf("standard output %q, standard error %q", got.stdout, got.stderr)
	}
}
