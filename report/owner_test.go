package report_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

func TestDefaultNames(t *testing.T) {
	for of, stem := range map[string]string{
		"users.report.csv": "users", "a/b.csv": "a/b", "out": "out", "out.CSV": "out", ".report.csv": ".report",
		"users.csv.report.csv": "users.csv", "report.csv": "report", "x.report.csv.csv": "x.report.csv",
		"out/Users.Report.CSV": "out/Users", ".csv": ".csv", "users.report.csv.save": "users.report.csv.save",
	} {
		if got := report.DefaultFailed(of); got != stem+".failed.csv" {
			t.Errorf("failed rows of %s: %s", of, got)
		}
		if got := report.DefaultMalformed(of); got != stem+".malformed.csv" {
			t.Errorf("malformed records of %s: %s", of, got)
		}
		if got := report.DefaultEvents(of); got != stem+".events.jsonl" {
			t.Errorf("events of %s: %s", of, got)
		}
	}
}

// named are the options of a run with these names.
func named(dir, reportName, failedName string) report.Options {
	o := optionsIn(dir)
	o.Report, o.Failed, o.Malformed = filepath.Join(dir, reportName), filepath.Join(dir, failedName), ""
	return o
}

// TestTwoNewRunsWithOneFailedFile: the second one is refused before it begins,
// although the first has no failed row yet.
func TestTwoNewRunsWithOneFailedFile(t *testing.T) {
	dir := t.TempDir()
	first := open(t, named(dir, "a.csv", "f.csv"))
	for _, overwrite := range []bool{false, true} {
		o := named(dir, "b.csv", "f.csv")
		o.Overwrite = overwrite
		if _, err := report.Open(t.Context(), o); !errors.Is(err, report.ErrLocked) {
			t.Errorf("Open: %v, want ErrLocked", err)
		}
		missing(t, o.Report)
	}
	record(t, first, result(2, "alice", worker.StatusFailed))
	closeRecorder(t, first)
	if got := read(t, filepath.Join(dir, "f.csv")); got != "username\nalice\n" {
		t.Errorf("failed rows %q", got)
	}
}

// TestOneResumesWhileOneStarts: whichever comes first has the file.
func TestOneResumesWhileOneStarts(t *testing.T) {
	for _, resumedFirst := range []bool{true, false} {
		dir := t.TempDir()
		resumed, started := named(dir, "a.csv", "f.csv"), named(dir, "b.csv", "f.csv")
		write(t, resumed, result(2, "alice", worker.StatusConfirmed))
		resumed.Resume = true
		first, second := started, resumed
		if resumedFirst {
			first, second = resumed, started
		}
		r := open(t, first)
		if _, err := report.Open(t.Context(), second); !errors.Is(err, report.ErrLocked) {
			t.Errorf("resumed first %v: Open: %v, want ErrLocked", resumedFirst, err)
		}
		record(t, r, result(3, "bob", worker.StatusFailed))
		closeRecorder(t, r)
		if got := read(t, filepath.Join(dir, "f.csv")); got != "username\nbob\n" {
			t.Errorf("resumed first %v: failed rows %q", resumedFirst, got)
		}
	}
}

// TestResumeSparesAnothersFailedRows: of a finished run, whatever the two are
// called, and although both are of one input.
func TestResumeSparesAnothersFailedRows(t *testing.T) {
	tests := map[string]struct{ theirs, theirFailed, ours, ourFailed, owner string }{
		"names of their own":         {"a.csv", "f.csv", "b.csv", "f.csv", "a.csv"},
		"theirs by its name":         {"a.report.csv", "a.failed.csv", "b.report.csv", "a.failed.csv", "a.report.csv"},
		"ours by its name":           {"a.report.csv", "b.failed.csv", "b.report.csv", "b.failed.csv", "a.report.csv"},
		"both with the default name": {"a.csv", "a.failed.csv", "a.report.csv", "a.failed.csv", "a.csv"},
		"the other way round":        {"a.report.csv", "a.failed.csv", "a.csv", "a.failed.csv", "a.report.csv"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			ours := named(dir, test.ours, "elsewhere.csv")
			write(t, ours, result(2, "alice", worker.StatusConfirmed))
			theirs := named(dir, test.theirs, test.theirFailed)
			write(t, theirs, result(2, "alice", worker.StatusFailed))
			before := tree(t, dir)
			ours.Failed, ours.Resume = filepath.Join(dir, test.ourFailed), true
			_, err := report.Open(t.Context(), ours)
			foreign, ok := errors.AsType[*report.ForeignError](err)
			if !ok || foreign.Path != ours.Failed || foreign.Report != test.owner {
				t.Errorf("resume: %v, want that the file is of %q", err, test.owner)
			}
			untouched(t, dir, before)
			// The run that owns the file may go on with it.
			theirs.Resume = true
			n := resumption{input: "username\nalice\n"}
			r, _, err := n.beginWith(t, theirs)
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Start(); err != nil {
				t.Fatal(err)
			}
			closeRecorder(t, r)
			if got := read(t, theirs.Failed); got != "username"+reasons+"\nalice"+notThere+"\n" {
				t.Errorf("failed rows %q", got)
			}
		})
	}
}

// TestOwnerOfAFile is noted only where the name does not tell it, and only as
// long as there is a file.
func TestOwnerOfAFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ report, failed, owner string }{
		"by default":          {"x.report.csv", "x.failed.csv", "(none)"},
		"another name":        {"x.csv", "y.csv", "report: x.csv\n"},
		"another directory":   {"x.report.csv", "sub/x.failed.csv", "report: ../x.report.csv\n"},
		"the other directory": {"sub/x.report.csv", "z.csv", "report: sub/x.report.csv\n"},
	}
	for name, test := range tests {
		o := named(dir, test.report, test.failed)
		o.Overwrite = true
		write(t, o, result(2, "alice", worker.StatusFailed))
		if got := contents(t, o.Failed+".owner"); got != test.owner {
			t.Errorf("%s: %q, want %q", name, got, test.owner)
		}
		write(t, o, result(2, "alice", worker.StatusConfirmed))
		missing(t, o.Failed)
		missing(t, o.Failed+".owner")
	}
}

// TestOwnerIsMovedWithItsFiles: files that are moved together keep their owner. A
// note of a file that was removed does not count for the next one.
func TestOwnerIsMovedWithItsFiles(t *testing.T) {
	dir := t.TempDir()
	before, after := filepath.Join(dir, "before"), filepath.Join(dir, "after")
	if err := os.Mkdir(before, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, named(before, "a.csv", "f.csv"), result(2, "alice", worker.StatusFailed))
	if err := os.Rename(before, after); err != nil {
		t.Fatal(err)
	}
	o := named(after, "a.csv", "f.csv")
	o.Resume = true
	r, err := report.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	closeRecorder(t, r)
	// The file is gone and made again by another run: the note is its own.
	if err := os.Remove(o.Failed); err != nil {
		t.Fatal(err)
	}
	write(t, named(after, "b.csv", "f.csv"), result(2, "alice", worker.StatusFailed))
	if _, err := report.Open(t.Context(), o); !errors.As(err, new(*report.ForeignError)) {
		t.Errorf("resume: %v, want that the file is of another run", err)
	}
}

// TestForeignOwnerFile: a file of that name that is none of ours stays.
func TestForeignOwnerFile(t *testing.T) {
	for _, content := range []string{"", "precious", "report: ", "report: a\nb\n"} {
		for _, overwrite := range []bool{false, true} {
			dir := t.TempDir()
			o := named(dir, "a.csv", "f.csv")
			o.Overwrite = overwrite
			put(t, o.Failed+".owner", content)
			before := tree(t, dir)
			if _, err := report.Open(t.Context(), o); !errors.As(err, new(*report.UnusableError)) {
				t.Errorf("%q: %v", content, err)
			}
			untouched(t, dir, before)
		}
	}
}

// TestFailedRowsOfAnOldReport: the version that wrote it noted nothing.
func TestFailedRowsOfAnOldReport(t *testing.T) {
	dir := t.TempDir()
	o := named(dir, "a.csv", "f.csv")
	o.Resume = true
	put(t, o.Report, oldHeader+"2,alice,failed,X,,1,0,r,,1\n")
	put(t, o.Failed, "username\nalice\n")
	r, rows, err := resumption{input: "username\nalice\n"}.beginWith(t, o)
	if err != nil || rows != nil {
		t.Fatalf("resume: %v, %v", rows, err)
	}
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	closeRecorder(t, r)
	if got := read(t, o.Failed+".owner"); got != "report: a.csv\n" {
		t.Errorf("owner %q", got)
	}
}

// TestNewRunAndRowsOfAnother: it is told whose they are.
func TestNewRunAndRowsOfAnother(t *testing.T) {
	dir := t.TempDir()
	write(t, named(dir, "a.csv", "f.csv"), result(2, "alice", worker.StatusFailed))
	before := tree(t, dir)
	_, err := report.Open(t.Context(), named(dir, "b.csv", "f.csv"))
	if foreign, ok := errors.AsType[*report.ForeignError](err); !ok || foreign.Report != "a.csv" {
		t.Errorf("Open: %v, want that the rows are those of a.csv", err)
	}
	untouched(t, dir, before)
}

// TestOverwriteSparesRowsOfAnother: --overwrite is about a report and its own
// rows. Those of a report that is still there stay; of one that is gone they go.
func TestOverwriteSparesRowsOfAnother(t *testing.T) {
	dir := t.TempDir()
	first := named(dir, "a.csv", "f.csv")
	write(t, first, result(2, "alice", worker.StatusFailed))
	before := tree(t, dir)
	o := named(dir, "b.csv", "f.csv")
	o.Overwrite = true
	_, err := report.Open(t.Context(), o)
	if foreign, ok := errors.AsType[*report.ForeignError](err); !ok || foreign.Report != "a.csv" {
		t.Errorf("Open: %v, want that the rows are those of a.csv", err)
	}
	untouched(t, dir, before)
	if err := os.Remove(first.Report); err != nil {
		t.Fatal(err)
	}
	write(t, o, result(3, "bob", worker.StatusFailed))
	if got := read(t, o.Failed); !strings.Contains(got, "\nbob") || strings.Contains(got, "alice") {
		t.Errorf("failed rows %q", got)
	}
}

// TestOverwriteSparesRowsByTheirName: they are those of the report beside them, as long
// as it is there.
func TestOverwriteSparesRowsByTheirName(t *testing.T) {
	dir := t.TempDir()
	first := optionsIn(dir)
	malformed := result(3, "", worker.StatusInvalid)
	malformed.Row.Raw, malformed.Row.Invalid = "a\"b\n", &worker.Invalid{Code: "malformed_record"}
	write(t, first, result(2, "alice", worker.StatusFailed), malformed)
	before := tree(t, dir)
	for _, path := range []string{first.Failed, first.Malformed} {
		for _, overwrite := range []bool{false, true} {
			o := named(dir, "b.report.csv", filepath.Base(path))
			o.Overwrite = overwrite
			_, err := report.Open(t.Context(), o)
			if foreign, ok := errors.AsType[*report.ForeignError](err); !ok || foreign.Report != "users.report.csv" {
				t.Errorf("%s, overwrite %v: %v, want that the rows are those of users.report.csv", filepath.Base(path), overwrite, err)
			}
			untouched(t, dir, before)
		}
	}
	if err := os.Remove(first.Report); err != nil {
		t.Fatal(err)
	}
	o := named(dir, "b.report.csv", "users.failed.csv")
	o.Overwrite = true
	write(t, o, result(3, "bob", worker.StatusFailed))
	if got := read(t, o.Failed); got != "username\nbob\n" {
		t.Errorf("failed rows %q", got)
	}
}

// TestOverwriteSparesReports in the place of a file of rows, whatever version or
// spreadsheet wrote them.
func TestOverwriteSparesReports(t *testing.T) {
	for _, content := range []string{header, header + "2,alice,confirmed,,,1,0,r,,1,,\n", oldHeader, byteOrderMark + strings.ReplaceAll(oldHeader, ",", ";")} {
		for _, overwrite := range []bool{false, true} {
			for _, set := range []func(*report.Options, string){
				func(o *report.Options, path string) { o.Failed = path }, func(o *report.Options, path string) { o.Malformed = path },
			} {
				dir := t.TempDir()
				o := optionsIn(dir)
				o.Overwrite = overwrite
				set(&o, filepath.Join(dir, "a.csv"))
				put(t, filepath.Join(dir, "a.csv"), content)
				before := tree(t, dir)
				_, err := report.Open(t.Context(), o)
				if foreign, ok := errors.AsType[*report.ForeignError](err); !ok || !strings.HasSuffix(foreign.Error(), "a.csv is a report, not a file of rows") {
					t.Errorf("%q, overwrite %v: %v", content, overwrite, err)
				}
				untouched(t, dir, before)
			}
		}
	}
}
