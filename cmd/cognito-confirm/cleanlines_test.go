package main

import (
	"runtime"
	"strings"
	"testing"
	"unicode"
)

// evil is what a terminal would obey, and what would begin a line of its own.
const evil = "e\x1b[31m\r\nvil\a\u202e\u0085\u2028é"

// TestEveryMessageIsOneCleanLine, whatever flags and files are called.
func TestEveryMessageIsOneCleanLine(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no file can have such a name")
	}
	s, dir := start(t), t.TempDir()
	input := put(t, dir, "users.csv", "username\nalice\n")
	named := put(t, dir, evil+".csv", "username\nbob,,\nalice\n")
	header := put(t, dir, "header.csv", "username,client_metadata.\u202ek,\u2028\nalice,1,2\n")
	var commands [][]string
	for _, flag := range []string{
		"--report", "--failed", "--summary", "--events", "--html", "--username-column", "--delimiter", "--profile", "--region", "--user-pool-id",
		"--endpoint-url", "--rate", "--pace", "--timeout", "--progress", "--client-metadata", "--fail-on", "--" + evil,
	} {
		commands = append(commands, s.args(input, "--resume", flag, dir+"/"+evil), s.args(input, "--resume", flag, dir+"/"+evil+"/x"))
	}
	commands = append(commands, s.args(evil), s.args(named), s.args(named), s.args(named, "--resume"), s.args(header), s.args(input, evil),
		[]string{"check", named}, []string{"check", header}, []string{"repair", evil}, []string{"html", evil}, []string{evil},
		[]string{"emulator", "--users", evil}, []string{"emulator", "--addr", evil}, []string{"emulator", "--fault", evil})
	for _, args := range commands {
		if got := invoke(t, args...); got.stderr == "" {
			t.Errorf("%q: no message", args)
		} else {
			wantCleanLines(t, args, got.stderr)
		}
	}
}

func wantCleanLines(t *testing.T, args []string, stderr string) {
	t.Helper()
	for line := range strings.Lines(stderr) {
		line = strings.TrimSuffix(line, "\n")
		if !strings.HasPrefix(line, "cognito-confirm: ") || strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("%q: not a clean line: %q", args, line)
		}
	}
}
