//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// poolID is the one that the emulator has by default.
const poolID = "us-east-1_Emulator0"

// emulator is the program's own, started with its command.
type emulator struct {
	*server
	dir string // where it runs, with the users in users.csv
}

// startEmulator starts it on a free port. Without users, every username is an
// unconfirmed user.
func startEmulator(t *testing.T, users string, flags ...string) *emulator {
	t.Helper()
	dir := t.TempDir()
	arguments := append([]string{"emulator", "--addr", "127.0.0.1:0"}, flags...)
	if users != "" {
		if err := os.WriteFile(filepath.Join(dir, "users.csv"), []byte(users), 0o600); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, "--users", "users.csv")
	}
	// The last line before it serves has these words.
	return &emulator{serve(t, newCommand(t, dir, nil, "cognito-confirm", arguments...), "the AWS CLI:"), dir}
}

// printed returns what follows the prefix on a line of its first output.
func (e *emulator) printed(t *testing.T, prefix string) string {
	t.Helper()
	for line := range strings.Lines(e.began) {
		if rest, ok := strings.CutPrefix(line, "cognito-confirm: "+prefix); ok {
			return strings.TrimSpace(rest)
		}
	}
	t.Fatalf("no line with %q in:\n%s", prefix, e.began)
	return ""
}

// emulatorCounts are the totals that the emulator prints when it ends.
type emulatorCounts struct {
	calls, connections, confirmed, throttled int
}

var closingLine = regexp.MustCompile(`(?m)^cognito-confirm: ([\d,]+) calls? over ([\d,]+) connections?, ([\d,]+) confirmed, ([\d,]+) throttled;`)

// end stops the emulator with a signal, its normal end, and returns its totals.
func (e *emulator) end(t *testing.T) emulatorCounts {
	t.Helper()
	ended := e.stop()
	line := closingLine.FindStringSubmatch(ended.stderr)
	if ended.status != 0 || line == nil {
		t.Fatalf("the emulator ended with status %d and printed:\n%s", ended.status, ended.stderr)
	}
	count := func(group int) int {
		n, err := strconv.Atoi(strings.ReplaceAll(line[group], ",", ""))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return emulatorCounts{calls: count(1), connections: count(2), confirmed: count(3), throttled: count(4)}
}
