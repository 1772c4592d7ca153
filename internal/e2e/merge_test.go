//go:build e2e

package e2e

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cognito-confirm/internal/sampleusers"
	"cognito-confirm/worker"
)

// mergeMemoryLimit is the most resident memory that merging the reports of five
// million rows may need at its peak, in MiB.
const mergeMemoryLimit = 64

// TestMergeMemory merges the reports of four shards of an input that has 5 × ROWS
// rows, where ROWS is an environment variable, and misses a row that one of the
// reports lacks.
func TestMergeMemory(t *testing.T) {
	if os.Getenv("ROWS") == "" {
		t.Skip("ROWS is not set; make memory sets it")
	}
	rows, err := strconv.Atoi(os.Getenv("ROWS"))
	if err != nil {
		t.Fatal(err)
	}
	rows *= 5
	dir := t.TempDir()
	input := writeRows(t, rows)
	reports := writeShardReports(t, dir, rows, 4)
	merged := filepath.Join(dir, "merged.csv")
	command := newCommand(t, dir, nil, "cognito-confirm", append([]string{"merge", input, "--report", merged}, reports...)...)
	started := time.Now()
	got := finish(t, command)
	took := time.Since(started)
	peak := float64(command.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024 // Linux counts in KiB
	t.Logf("%d rows in %.1f s, %.1f s of CPU: %.1f MiB at the peak", rows, took.Seconds(),
		(command.ProcessState.UserTime() + command.ProcessState.SystemTime()).Seconds(), peak)
	if got.status != 0 {
		t.Fatalf("exit status %d:\n%s", got.status, got.stderr)
	}
	if peak > mergeMemoryLimit {
		t.Errorf("%.1f MiB of resident memory at the peak, want at most %d", peak, mergeMemoryLimit)
	}
	checkEveryRowOnce(t, merged, rows)

	// The last line of one report is lost.
	info, err := os.Stat(reports[2])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(reports[2], info.Size()-1); err != nil {
		t.Fatal(err)
	}
	got = finish(t, newCommand(t, dir, nil, "cognito-confirm", append([]string{"merge", input, "--overwrite", "--report", merged}, reports...)...))
	if got.status != 1 || !strings.Contains(got.stderr, "1 row of the input is in no report: line ") || !strings.Contains(got.stderr, " of shard 2/4\n") {
		t.Errorf("exit status %d:\n%s", got.status, got.stderr)
	}
	checkEveryRowOnce(t, merged, rows) // it stays as it was
}

// writeShardReports writes what runs over all shards of writeRows' input leave.
func writeShardReports(t *testing.T, dir string, rows, shards int) []string {
	t.Helper()
	var paths []string
	var reports []*bufio.Writer
	for i := range shards {
		path := filepath.Join(dir, fmt.Sprintf("users.shard-%d-of-%d.report.csv", i, shards))
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		report := bufio.NewWriter(file)
		fmt.Fprintln(report, strings.Join(reportHeader, ","))
		paths, reports = append(paths, path), append(reports, report)
	}
	for i := range rows {
		row := worker.Row{Line: i + 2, Username: sampleusers.Username(i)}
		fmt.Fprintf(reports[worker.ShardOf(row, shards).Index],
			"%d,%s,confirmed,,,1,0,11111111-2222-3333-4444-555555555555,2026-03-01T00:30:00.000Z,25,,%s\n", row.Line, row.Username, poolID)
	}
	for _, report := range reports {
		if err := report.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	return paths
}
