package report_test

import (
	"testing"

	"cognito-confirm/report"
)

// TestMalformedRecords are kept byte for byte, each with a line end, over all runs.
func TestMalformedRecords(t *testing.T) {
	n := resumption{input: "username,note\r\nalice,1\r\nbob\r\nbad.carol,3\r\nda\"ve,4\r\neve,5\r\n\"fred,6\r\ngina"}
	const want = "username,note\r\nbob\r\nda\"ve,4\r\n\"fred,6\r\ngina\n"
	for rows := range 7 {
		dir := t.TempDir()
		o := optionsIn(dir)
		n.mustRun(t, dir, rows)
		_, r := n.mustRun(t, dir, everyRow)
		if got := read(t, o.Malformed); got != want || r.MalformedPath() != o.Malformed {
			t.Errorf("after %d rows: malformed records %q in %q, want %q", rows, got, r.MalformedPath(), want)
		}
		if got := read(t, o.Failed); got != "username,note"+reasons+"\r\nbad.carol,3"+notFound+"\r\n" {
			t.Errorf("after %d rows: failed rows %q", rows, got)
		}
	}
}

// TestNoMalformedRecords: no file, and none where nobody wants one.
func TestNoMalformedRecords(t *testing.T) {
	dir := t.TempDir()
	_, r := resumption{input: "username\nbad.alice\n"}.mustRun(t, dir, everyRow)
	missing(t, optionsIn(dir).Malformed)
	if got := r.MalformedPath(); got != "" {
		t.Errorf("MalformedPath returns %q", got)
	}
	dir = t.TempDir()
	o := optionsIn(dir)
	o.Malformed = ""
	r, rows, err := resumption{input: "username\na\"b\n"}.beginWith(t, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	row, err := rows.Next()
	if err != nil {
		t.Fatal(err)
	}
	record(t, r, resultOf(row))
	closeRecorder(t, r)
	if got := tree(t, dir); len(got) != 1 || r.MalformedPath() != "" {
		t.Errorf("files %q", got)
	}
}

// TestMalformedRecordsAreGuarded like the failed rows.
func TestMalformedRecordsAreGuarded(t *testing.T) {
	dir := t.TempDir()
	o := optionsIn(dir)
	put(t, o.Malformed, "precious\n")
	before := tree(t, dir)
	if _, err := report.Open(t.Context(), o); err == nil || err.Error() != o.Malformed+" exists" {
		t.Errorf("Open: %v", err)
	}
	untouched(t, dir, before)
	o.Overwrite = true
	write(t, o)
	missing(t, o.Malformed)
}
