//go:build e2e

package e2e

import (
	"encoding/csv"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"testing"
)

// reportHeader is an interface: scripts depend on it.
var reportHeader = []string{"line", "username", "status", "code", "message", "attempts", "throttled",
	"request_id", "started_at", "duration_ms", "user_status", "user_pool_id"}

// reported is the part of a report line that a test can predict.
type reported struct {
	username, status, code string
	attempts               int
}

// eachReported reads a report and calls yield for every line of it.
func eachReported(t *testing.T, path string, yield func(line int, row reported)) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	records := csv.NewReader(file)
	records.ReuseRecord = true
	header, err := records.Read()
	if err != nil || !slices.Equal(header, reportHeader) {
		t.Fatalf("header of the report: %q, %v", header, err)
	}
	for {
		record, err := records.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("read report: %v", err)
		}
		line, lineErr := strconv.Atoi(record[0])
		attempts, attemptsErr := strconv.Atoi(record[5])
		if err := errors.Join(lineErr, attemptsErr); err != nil {
			t.Fatalf("report: %v in %q", err, record)
		}
		yield(line, reported{username: record[1], status: record[2], code: record[3], attempts: attempts})
	}
}

// checkReport wants in the report exactly the lines of want, each of them once.
func checkReport(t *testing.T, path string, want map[int]reported) {
	t.Helper()
	seen := make(map[int]bool)
	eachReported(t, path, func(line int, got reported) {
		t.Helper()
		wanted, isRow := want[line]
		switch {
		case !isRow:
			t.Errorf("line %d of the report is no row of the input: %+v", line, got)
		case seen[line]:
			t.Errorf("line %d is in the report twice", line)
		case got != wanted:
			t.Errorf("line %d: %+v, want %+v", line, got, wanted)
		}
		seen[line] = true
	})
	for line, wanted := range want {
		if !seen[line] {
			t.Errorf("line %d is not in the report: %+v", line, wanted)
		}
	}
}
