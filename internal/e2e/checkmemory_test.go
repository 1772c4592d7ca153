//go:build e2e

package e2e

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"cognito-confirm/internal/sampleusers"
)

// TestCheckMemory compares as many rows with as many users as the environment
// variable ROWS has.
func TestCheckMemory(t *testing.T) {
	rows := rowsOfMemory(t)
	input := writeRows(t, rows)
	users := filepath.Join(t.TempDir(), "pool.csv")
	file, err := os.Create(users)
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriter(file)
	fmt.Fprintln(out, "username") // Flush returns any error
	for i := range rows {
		fmt.Fprintln(out, sampleusers.Username(i+rows/10)) // a tenth of the rows is nobody's
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	e := startEmulator(t, "", "--users", users, "--username-attributes", "email")
	command := newCommand(t, e.dir, credentials(), "cognito-confirm", "check", "--endpoint-url", e.url, "--user-pool-id", poolID, "--list-rate", "10000", input)
	started := time.Now()
	got := finish(t, command)
	peak := float64(command.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024
	t.Logf("%d rows and users in %.1f s: %.1f MiB at the peak", rows, time.Since(started).Seconds(), peak)
	if got.status != 3 || !strings.Contains(got.stderr, " not found") {
		t.Errorf("%+v", got)
	}
	if peak > memoryLimit+32*float64(rows)/(1<<20) {
		t.Errorf("%.1f MiB of resident memory at the peak", peak)
	}
}
