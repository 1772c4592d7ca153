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
)

// pageMemoryLimit is the most resident memory that the page of a report may
// need at its peak, in MiB, however many rows there are.
const pageMemoryLimit = 64

// TestPageMemory draws the page of a report of a week with as many rows as the
// environment variable ROWS has.
func TestPageMemory(t *testing.T) {
	rows := rowsOfMemory(t)
	dir := t.TempDir()
	writeLongReport(t, filepath.Join(dir, "users.report.csv"), rows)
	command := newCommand(t, dir, nil, "cognito-confirm", "html", "users.report.csv")
	started := time.Now()
	got := finish(t, command)
	took := time.Since(started)
	peak := float64(command.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024
	t.Logf("%d rows in %.1f s: %.1f MiB at the peak", rows, took.Seconds(), peak)
	if got.status != 0 {
		t.Errorf("exit status %d:\n%s", got.status, got.stderr)
	}
	if peak > pageMemoryLimit {
		t.Errorf("%.1f MiB of resident memory at the peak, want at most %d", peak, pageMemoryLimit)
	}
}

// writeLongReport writes a report whose rows are spread over a week.
func writeLongReport(t *testing.T, path string, rows int) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	out := bufio.NewWriter(file)
	fmt.Fprintln(out, strings.Join(reportHeader, ","))
	distance := 7 * 24 * time.Hour / time.Duration(rows)
	for i := range rows {
		status := "confirmed,,"
		if i%50 == 7 {
			status = "failed,UserNotFoundException,User does not exist."
		}
		at := pageStart.Add(time.Duration(i) * distance).Format("2006-01-02T15:04:05.000Z")
		fmt.Fprintf(out, "%d,user%07d@example.com,%s,1,0,923f158b-e3be-49b1-9cce-%012x,%s,%d,,%s\n", i+2, i, status, i, at, 20+i%977, poolID)
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
}
