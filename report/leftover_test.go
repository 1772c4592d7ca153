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

// leftovers are rows of another report in the place of ours.
func leftovers() map[string]struct{ input, name, content string } {
	const input = "username,note\nalice,1\nbad.bob,2\ncarol,3\nx\ndave,4\nbad.erin,5\n"
	const ownHead = "username,note" + reasons + "\n"
	return map[string]struct{ input, name, content string }{
		"a row that no input has":    {input, "users.failed.csv", ownHead + "zoe,2" + notFound + "\n"},
		"such a row between ours":    {input, "users.failed.csv", ownHead + "bad.bob,2" + notFound + "\nzoe,2" + notFound + "\nbad.bob,2" + notFound + "\n"},
		"such a row that is torn":    {input, "users.failed.csv", ownHead + "zoe,2" + notFound},
		"a row that succeeded":       {input, "users.failed.csv", ownHead + "alice,1" + notFound + "\n"},
		"a row corrected by hand":    {input, "users.failed.csv", ownHead + "bob,2" + notFound + "\n"},
		"a row that is no row":       {input, "users.failed.csv", ownHead + "bad.bob\n" + "bad.bob,2" + notFound + "\n"},
		"a row of an earlier form":   {input, "users.failed.csv", "username,note\nzoe,1\n"},
		"a row without a header":     {"alice\nbad.bob\ncarol\n", "users.failed.csv", "zoe\n"},
		"a malformed record":         {input, "users.malformed.csv", "username,note\nzoe\n"},
		"one of them corrected":      {input, "users.malformed.csv", "username,note\nx,4\n"},
		"a malformed record between": {input, "users.malformed.csv", "username,note\nx\nzoe\nx\n"},
		"nothing but a torn one":     {input, "users.malformed.csv", "username,note\nzo"},
	}
}

// TestLeftoverRowsOfAnotherReport: names do not tell whose rows are in the way of a
// resumed run, for files are moved and renamed. They stay, and the run is refused.
func TestLeftoverRowsOfAnotherReport(t *testing.T) {
	for name, test := range leftovers() {
		for _, retry := range []report.Retry{{}, allFailed} {
			if retry.Failed && test.name == "users.malformed.csv" {
				continue // corrected records are nowhere else
			}
			for _, rows := range []int{3, everyRow} {
				dir := t.TempDir()
				n := resumption{input: test.input, noHeader: !strings.HasPrefix(test.input, "username"), retry: retry}
				n.mustRun(t, dir, rows)
				put(t, filepath.Join(dir, test.name), test.content)
				before := tree(t, dir)
				_, _, err := n.begin(t, dir)
				foreign, ok := errors.AsType[*report.ForeignError](err)
				if !ok || foreign.Path != filepath.Join(dir, test.name) {
					t.Errorf("%s after %d rows, retry %v: %v", name, rows, retry.Failed, err)
				}
				untouched(t, dir, before)
			}
		}
	}
}

// TestLeftoverRowsOfOurs: what a run of this report can have left stops nobody.
func TestLeftoverRowsOfOurs(t *testing.T) {
	const (
		input   = "username,note\nalice,1\nbad.bob,2\ncarol,3\n\"x,\ny\"z\ndave,4\nbad.erin,5\n"
		ownHead = "username,note" + reasons + "\n"
		bob     = "bad.bob,2" + notFound + "\n"
		erin    = "bad.erin,5" + notFound + "\n"
	)
	for content, name := range map[string]string{
		ownHead:                                       "users.failed.csv",
		ownHead + bob + bob:                           "users.failed.csv",
		ownHead + erin:                                "users.failed.csv", // in flight when it was killed
		ownHead + erin + "\x00\x00":                   "users.failed.csv",
		ownHead + bob + "bad.er":                      "users.failed.csv",
		ownHead + bob + "\"bad.er":                    "users.failed.csv",
		ownHead + "bad.bob,2,failed,U":                "users.failed.csv",
		byteOrderMark + ownHead + bob:                 "users.failed.csv",
		strings.ReplaceAll(ownHead+bob, "\n", "\r\n"): "users.failed.csv",
		"username,note\n":                             "users.malformed.csv",
		"username,note\n\"x,\ny\"z\n":                 "users.malformed.csv",
		"username,note\n\"x,\ny\"":                    "users.malformed.csv",
		"username,note\n\"x,\ny\"z\n\x00\x00":         "users.malformed.csv",
		byteOrderMark + "username,note\ny\"z\n":       "users.malformed.csv",
	} {
		for _, rows := range []int{2, everyRow} {
			dir := t.TempDir()
			n := resumption{input: input}
			n.mustRun(t, dir, rows)
			put(t, filepath.Join(dir, name), content)
			if _, _, err := n.run(t, dir, everyRow); err != nil {
				t.Errorf("%q after %d rows: %v", content, rows, err)
				continue
			}
			n.undisturbed(t).same(t, dir)
		}
	}
}

// TestRenamedReport is how such rows come into the way: the files of one run have the
// names of another.
func TestRenamedReport(t *testing.T) {
	dir := t.TempDir()
	one, two := named(dir, "one.report.csv", "one.failed.csv"), named(dir, "two.report.csv", "two.failed.csv")
	write(t, one, result(2, "bob", worker.StatusFailed))
	write(t, two, result(2, "zoe", worker.StatusConfirmed))
	if err := os.Rename(two.Report, one.Report); err != nil {
		t.Fatal(err)
	}
	before := tree(t, dir)
	one.Resume = true
	_, _, err := resumption{input: "username\nzoe\n"}.beginWith(t, one)
	if _, ok := errors.AsType[*report.ForeignError](err); !ok {
		t.Errorf("resume: %v", err)
	}
	untouched(t, dir, before)
}

// TestStartWithoutRemaining: nobody has looked whose the rows are.
func TestStartWithoutRemaining(t *testing.T) {
	dir := t.TempDir()
	o := optionsIn(dir)
	write(t, o, result(2, "alice", worker.StatusFailed))
	before := tree(t, dir)
	o.Resume = true
	r, err := report.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(); !errors.As(err, new(*report.ForeignError)) {
		t.Errorf("Start: %v", err)
	}
	closeRecorder(t, r)
	untouched(t, dir, before)
}
