package report_test

import (
	"testing"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// TestRowsGoBeforeTheReport: a run that overwrites and is killed on the way leaves a
// report, from which the rows can be made again, rather than rows without a report.
func TestRowsGoBeforeTheReport(t *testing.T) {
	dir := t.TempDir()
	o := named(dir, "a.csv", "f.csv")
	write(t, o, result(2, "alice", worker.StatusFailed))
	before := read(t, o.Report)
	o.Overwrite = true
	r, err := report.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	put(t, o.Failed+".owner", "precious") // which ends Start at the rows
	if err := r.Start(); !isError[*report.UnusableError](err) {
		t.Fatalf("Start: %v", err)
	}
	closeRecorder(t, r)
	if got := read(t, o.Report); got != before {
		t.Errorf("the report is %q, want %q", got, before)
	}
}
