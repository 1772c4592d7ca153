//go:build faults && linux && amd64

package faults

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

const (
	// largeRow is a bit less than what a record may have, and largeRows of them
	// make ten MiB of gzip.
	largeRow, largeRows = 15 << 20, 600
	// mostMemory is what a run of such rows may need.
	mostMemory = 256 << 20
)

// TestFaultsLargeRows: memory is bounded in bytes and not in rows. Slow answers
// keep as many rows in memory as a run takes.
func TestFaultsLargeRows(t *testing.T) {
	rows := largeRows
	if testing.Short() {
		rows = 40
	}
	s := memoryScenario(t, fakecognito.Options{Latency: 50 * time.Millisecond})
	packed, err := writeLargeRows(s.path("users.csv"), rows)
	if err != nil {
		t.Fatal(err)
	}
	s.flags = append(s.flags, "--timeout", "2m")
	peak, err := s.peak(exitDone)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d rows of %d MiB in %d MiB of gzip: %d MiB resident", rows, largeRow>>20, packed>>20, peak>>20)
	if peak > mostMemory {
		t.Errorf("%d bytes resident, want at most %d", peak, mostMemory)
	}
}

// TestFaultsRowsHeldBack resumes with a report that has the last row alone. All rows
// before it have to wait until the report is compared with the input.
func TestFaultsRowsHeldBack(t *testing.T) {
	const rows, most = 1_000_000, 64 << 20
	s := memoryScenario(t, fakecognito.Options{})
	if err := s.writeLastRowDone(rows); err != nil {
		t.Fatal(err)
	}
	s.server.SetFaultShare(1, fakecognito.Fault{Code: "AccessDeniedException"})
	peak, err := s.peak(exitStopped, "--resume")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d rows held back: %d MiB resident", rows, peak>>20)
	if peak > most {
		t.Errorf("%d bytes resident, want at most %d", peak, most)
	}
}

// memoryScenario has no users, and its runs have many calls in flight.
func memoryScenario(t *testing.T, o fakecognito.Options) *scenario {
	t.Helper()
	o.AcceptAnyone = true
	s, err := newScenario(t, 1, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.close() })
	s.concurrency = 256
	return s
}

// writeLargeRows writes a gzip file, and returns its size.
func writeLargeRows(path string, rows int) (packed int64, err error) {
	file, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	packer, err := gzip.NewWriterLevel(file, gzip.BestSpeed)
	if err != nil {
		return 0, err
	}
	out, note := bufio.NewWriter(packer), strings.Repeat("x", largeRow)
	fmt.Fprintln(out, "username,note")
	for i := range rows {
		fmt.Fprintf(out, "user%06d,%s\n", i, note)
	}
	if err := errors.Join(out.Flush(), packer.Close()); err != nil {
		return 0, err
	}
	return file.Seek(0, io.SeekCurrent)
}

// writeLastRowDone writes an input and the report of its last row.
func (s *scenario) writeLastRowDone(rows int) error {
	var users strings.Builder
	users.WriteString("username\n")
	for i := range rows {
		fmt.Fprintf(&users, "user%07d@example.com\n", i)
	}
	done := fmt.Sprintf("%s\n%d,user%07d@example.com,confirmed,,,1,0,,,1,,%s\n", reportHeader, rows+1, rows-1, userPoolID)
	return errors.Join(
		os.WriteFile(s.path("users.csv"), []byte(users.String()), 0o600),
		os.WriteFile(s.path("users.report.csv"), []byte(done), 0o600),
		os.WriteFile(s.path("users.report.csv.endpoint"), []byte(s.url+"\n"), 0o600))
}

// peak runs the program to its end, and returns how much memory was resident.
func (s *scenario) peak(want int, flags ...string) (bytes int64, err error) {
	r, err := s.begin(10_000, flags...)
	if err != nil {
		return 0, err
	}
	ended, highest := make(chan struct{}), make(chan int64, 1)
	go func() { highest <- highestResident(r.Process.Pid, ended) }()
	status, err := r.waitFor(10 * time.Minute)
	close(ended)
	if err != nil {
		return 0, err
	}
	if !status.Exited() || status.ExitStatus() != want {
		return 0, fmt.Errorf("%s, want %d\n%s", describe(status), want, &s.log)
	}
	if bytes = <-highest; bytes == 0 {
		return 0, errors.New("nothing was measured")
	}
	return bytes, nil
}

// highestResident returns how much memory of a process was resident at once, as far as
// it was seen. The usage that wait4 returns is no measure: it begins with what this test
// had resident before the exec.
func highestResident(pid int, ended <-chan struct{}) (bytes int64) {
	for {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if _, highWater, ok := strings.Cut(string(status), "VmHWM:"); ok {
			var kib int64
			fmt.Sscan(highWater, &kib)
			bytes = max(bytes, kib<<10)
		}
		select {
		case <-ended:
			return bytes
		case <-time.After(5 * time.Millisecond):
		}
	}
}
