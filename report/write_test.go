package report_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// flushTime is when a lone result is in the file. The promise is 100 ms.
const flushTime = 50 * time.Millisecond

// bubble runs the test on a clock of its own, with an open recorder that is
// closed at the end.
func bubble(t *testing.T, test func(t *testing.T, r *report.Recorder, o report.Options)) {
	t.Helper()
	o := optionsIn(t.TempDir())
	synctest.Test(t, func(t *testing.T) {
		r := open(t, o)
		test(t, r, o)
		closeRecorder(t, r)
	})
}

// later lets time pass and everything happen that happens by then.
func later(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// wantRows compares how many rows are in the report with what should be.
func wantRows(t *testing.T, o report.Options, want int) {
	t.Helper()
	if got := strings.Count(read(t, o.Report), "\n") - 1; got != want {
		t.Errorf("%d rows in the report, want %d", got, want)
	}
}

func TestHeaderIsThereFromTheBeginning(t *testing.T) {
	bubble(t, func(t *testing.T, _ *report.Recorder, o report.Options) {
		if got := read(t, o.Report); got != header {
			t.Errorf("the report is %q", got)
		}
	})
}

func TestResultIsWrittenInTime(t *testing.T) {
	bubble(t, func(t *testing.T, r *report.Recorder, o report.Options) {
		later(10 * time.Second) // an idle recorder is as quick as a new one
		record(t, r, result(2, "alice", worker.StatusConfirmed))
		later(flushTime - 1)
		wantRows(t, o, 0)
		later(1)
		wantRows(t, o, 1)
	})
}

// TestFailedRowIsWrittenInTime: both files keep the promise.
func TestFailedRowIsWrittenInTime(t *testing.T) {
	bubble(t, func(t *testing.T, r *report.Recorder, o report.Options) {
		record(t, r, result(2, "alice", worker.StatusFailed))
		later(flushTime - 1)
		if got := read(t, o.Failed); got != "" {
			t.Errorf("failed rows: %q before it is their time", got)
		}
		later(1)
		if got := read(t, o.Failed); got != "username\nalice\n" {
			t.Errorf("failed rows: %q", got)
		}
	})
}

// TestResultsShareAWrite: the oldest of them tells when, and none waits longer.
func TestResultsShareAWrite(t *testing.T) {
	bubble(t, func(t *testing.T, r *report.Recorder, o report.Options) {
		record(t, r, result(2, "alice", worker.StatusConfirmed))
		later(flushTime - 1)
		record(t, r, result(3, "bob", worker.StatusConfirmed))
		synctest.Wait()
		wantRows(t, o, 0)
		later(1)
		wantRows(t, o, 2)

		record(t, r, result(4, "carol", worker.StatusConfirmed))
		later(flushTime - 1)
		wantRows(t, o, 2)
		later(1)
		wantRows(t, o, 3)
	})
}

// TestSteadyResultsAreWrittenInTime records faster than results are written,
// for a while, and never finds one late.
func TestSteadyResultsAreWrittenInTime(t *testing.T) {
	bubble(t, func(t *testing.T, r *report.Recorder, o report.Options) {
		const every, count = 7 * time.Millisecond, 400
		for i := range count {
			record(t, r, result(i+2, fmt.Sprint("user", i), worker.StatusConfirmed))
			later(every)
			// Those recorded flushTime ago or earlier have to be there.
			due := i + 1 - int(flushTime/every)
			if got := strings.Count(read(t, o.Report), "\n") - 1; got < due {
				t.Fatalf("after %d results %d rows in the report, at least %d are due", i+1, got, due)
			}
		}
		later(flushTime)
		wantRows(t, o, count)
	})
}

// TestFullBatchIsWrittenAtOnce: what is held in memory is bounded.
func TestFullBatchIsWrittenAtOnce(t *testing.T) {
	const batch = 512
	bubble(t, func(t *testing.T, r *report.Recorder, o report.Options) {
		for i := range batch - 1 {
			record(t, r, result(i+2, "alice", worker.StatusConfirmed))
		}
		synctest.Wait()
		wantRows(t, o, 0)
		record(t, r, result(batch+1, "alice", worker.StatusConfirmed))
		synctest.Wait()
		wantRows(t, o, batch)

		// The timer of the full batch is off: the next result waits its own time.
		later(flushTime / 2)
		record(t, r, result(batch+2, "alice", worker.StatusConfirmed))
		later(flushTime - 1)
		wantRows(t, o, batch)
		later(1)
		wantRows(t, o, batch+1)
	})
}

func TestCloseWritesWhatIsLeft(t *testing.T) {
	o := optionsIn(t.TempDir())
	synctest.Test(t, func(t *testing.T) {
		r := open(t, o)
		before := time.Now()
		for i := range 700 {
			record(t, r, result(i+2, "alice", worker.StatusConfirmed))
		}
		closeRecorder(t, r)
		if waited := time.Since(before); waited != 0 {
			t.Errorf("Close waited %v", waited)
		}
	})
	wantRows(t, o, 700)
}

// TestCountsAreWhatIsWritten: a count that is shown is in the file.
func TestCountsAreWhatIsWritten(t *testing.T) {
	bubble(t, func(t *testing.T, r *report.Recorder, _ report.Options) {
		record(t, r, result(2, "alice", worker.StatusConfirmed))
		later(flushTime - 1)
		if got := r.State().ThisRun.Rows; got != 0 {
			t.Errorf("%d rows counted before they were written", got)
		}
		later(1)
		if got := r.State().ThisRun.Rows; got != 1 {
			t.Errorf("%d rows counted, want 1", got)
		}
	})
}

func TestRecordFromManyGoroutines(t *testing.T) {
	const goroutines, each = 64, 50
	statuses := worker.Statuses()
	o := optionsIn(t.TempDir())
	r := open(t, o)
	var wait sync.WaitGroup
	for g := range goroutines {
		wait.Go(func() {
			for i := range each {
				line := g*each + i
				if err := r.Record(result(line, fmt.Sprint("user", line), statuses[line%len(statuses)])); err != nil {
					t.Errorf("Record: %v", err)
				}
				r.State()
			}
		})
	}
	wait.Wait()
	closeRecorder(t, r)

	var got, failed []int
	for _, record := range parse(t, read(t, o.Report)) {
		line, _ := strconv.Atoi(record[0])
		got = append(got, line)
		if want := fmt.Sprint("user", line); record[1] != want || record[2] != string(statuses[line%len(statuses)]) {
			t.Errorf("line %d: %q", line, record)
		}
	}
	for _, row := range strings.Fields(read(t, o.Failed))[1:] {
		line, _ := strconv.Atoi(strings.TrimPrefix(row, "user"))
		failed = append(failed, line)
	}
	var wantAll, wantFailed []int
	for line := range goroutines * each {
		wantAll = append(wantAll, line)
		if !statuses[line%len(statuses)].Succeeded() {
			wantFailed = append(wantFailed, line)
		}
	}
	slices.Sort(got)
	slices.Sort(failed)
	if !slices.Equal(got, wantAll) {
		t.Errorf("%d lines in the report, want each of %d once", len(got), len(wantAll))
	}
	if !slices.Equal(failed, wantFailed) {
		t.Errorf("%d failed rows, want each of %d once", len(failed), len(wantFailed))
	}
	counts, want := r.State().ThisRun, make(map[worker.Status]int)
	for line := range goroutines * each {
		want[statuses[line%len(statuses)]]++
	}
	for status, counted := range map[worker.Status]int{
		worker.StatusConfirmed: counts.Confirmed, worker.StatusAlreadyConfirmed: counts.AlreadyConfirmed, worker.StatusTriggerFailed: counts.TriggerFailed,
		worker.StatusNotVerified: counts.NotVerified, worker.StatusFailed: counts.FailedRows, worker.StatusInvalid: counts.Invalid,
	} {
		if counted != want[status] {
			t.Errorf("counted %d that are %s, want %d", counted, status, want[status])
		}
	}
}
