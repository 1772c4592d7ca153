//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cognito-confirm/internal/sampleusers"
)

const (
	// memoryLimit is the most resident memory that a run may need at its peak,
	// in MiB, however long its input is.
	memoryLimit = 96
	// inFlight is how many calls a run has in flight at most by default. Each
	// needs a connection, which the next calls reuse, with few exceptions:
	// net/http closes a connection whose goroutine has not run for 50 ms after
	// an answer, which happens on a busy machine.
	inFlight = 256
)

// TestMemory runs as many rows as the environment variable ROWS has, at full speed.
func TestMemory(t *testing.T) {
	rows := rowsOfMemory(t)
	e := startEmulator(t, "") // takes every username
	input := writeRows(t, rows)
	command := newCommand(t, e.dir, credentials(), "cognito-confirm", "run",
		"--endpoint-url", e.url, "--user-pool-id", poolID, "--rate", "1000000", input)
	started := time.Now()
	got := finish(t, command)
	took := time.Since(started)
	counts := e.end(t)
	// Linux counts in KiB, and never less than this process had when it started
	// the program, which is a fraction of the limit.
	peak := float64(command.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024
	t.Logf("%d rows in %.1f s, %.0f rows/s: %.1f MiB at the peak, %d connections",
		rows, took.Seconds(), float64(rows)/took.Seconds(), peak, counts.connections)

	if got.status != 0 {
		t.Errorf("exit status %d:\n%s", got.status, got.stderr)
	}
	if peak > memoryLimit {
		t.Errorf("%.1f MiB of resident memory at the peak, want at most %d", peak, memoryLimit)
	}
	if most := inFlight + rows/1000; counts.connections > most {
		t.Errorf("%d connections for at most %d calls in flight", counts.connections, inFlight)
	}
	if counts.calls != rows || counts.confirmed != rows {
		t.Errorf("the emulator counted %+v for %d rows", counts, rows)
	}
	checkEveryRowOnce(t, strings.TrimSuffix(input, ".csv")+".report.csv", rows)
}

// rowsOfMemory returns how many rows a test of the memory is to take.
func rowsOfMemory(t *testing.T) int {
	t.Helper()
	if os.Getenv("ROWS") == "" {
		t.Skip("ROWS is not set; make memory sets it")
	}
	rows, err := strconv.Atoi(os.Getenv("ROWS"))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// writeRows writes an input of one column.
func writeRows(t *testing.T, rows int) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "users.csv")
	if err := sampleusers.WriteUsers(path, rows); err != nil {
		t.Fatal(err)
	}
	return path
}

// checkEveryRowOnce wants every line number of the input in the report once,
// with the user of that line, confirmed at the first attempt.
func checkEveryRowOnce(t *testing.T, path string, rows int) {
	t.Helper()
	seen := make([]bool, rows+2) // by line number; the first row is on line 2
	missing := rows
	eachReported(t, path, func(line int, got reported) {
		switch want := (reported{sampleusers.Username(line - 2), "confirmed", "", 1}); {
		case got != want:
			t.Fatalf("line %d: %+v, want %+v", line, got, want)
		case line < 2 || line >= len(seen) || seen[line]:
			t.Fatalf("line %d is no row of the input, or in the report twice", line)
		}
		seen[line] = true
		missing--
	})
	if missing > 0 {
		t.Errorf("%d rows are not in the report", missing)
	}
}
