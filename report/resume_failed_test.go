package report_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cognito-confirm/report"
)

// TestFailedRowsAfterResume: whatever a crash left of the failed-rows file, it
// has the unsuccessful rows of all runs in it afterwards, and nothing else.
func TestFailedRowsAfterResume(t *testing.T) {
	const (
		head = "username,note\n"
		old  = head + "\"bad.bob\",\"2\"\nalice,1\nhook.carol,3\n,4\n"
		none = "(none)"
	)
	inputs := map[string]struct{ rest, failed string }{
		"no new failures":    {"dave,5\n", head + "bad.bob,2\nhook.carol,3\n,4\n"},
		"new failures":       {"bad.dave,5\n\"bad, eve\",6\n", head + "bad.bob,2\nhook.carol,3\n,4\nbad.dave,5\n\"bad, eve\",6\n"},
		"nothing left":       {"", head + "bad.bob,2\nhook.carol,3\n,4\n"},
		"a malformed record": {"x\n", head + "bad.bob,2\nhook.carol,3\n,4\n"},
	}
	leftovers := map[string]struct{ failed, unfinished string }{
		"as it was":                {head + "bad.bob,2\nhook.carol,3\n,4\n", none},
		"missing":                  {none, none},
		"empty":                    {"", none},
		"torn":                     {head + "bad.bob,2\nhook.ca", none},
		"torn header":              {"usern", none},
		"with rows that were lost": {head + "bad.bob,2\nhook.carol,3\n,4\nbad.dave,5\n\"bad, eve\",6\n", none},
		"written by somebody else": {old, none},
		"zeros":                    {strings.Repeat("\x00", 4096), none},
		"half replaced":            {head + "bad.bob,2\n", head + "bad.bob,2\nhook.ca"},
		"never put in its place":   {none, strings.Repeat("bad.zoe,2\n", 1000)},
	}
	for name, n := range inputs {
		for left, files := range leftovers {
			t.Run(name+"/"+left, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				first := resumption{input: head + "alice,1\nbad.bob,2\nhook.carol,3\n,4\n" + n.rest}
				first.mustRun(t, dir, 4)
				paths := resumeFiles(dir)
				for path, content := range map[string]string{paths.Failed: files.failed, paths.Failed + ".tmp": files.unfinished} {
					if os.Remove(path); content != none {
						resumePut(t, path, content)
					}
				}
				_, r := first.mustRun(t, dir, resumeEvery)
				if got := resumeText(t, paths.Failed); got != n.failed {
					t.Errorf("failed rows\n%q, want\n%q", got, n.failed)
				}
				if r.FailedPath() != paths.Failed {
					t.Errorf("they are said to be in %q", r.FailedPath())
				}
				if tree := resumeTree(t, dir); len(tree) != 2 {
					t.Errorf("files left behind: %q", tree)
				}
				if info, err := os.Stat(paths.Failed); err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
				}
			})
		}
	}
}

// TestFailedRowsOfNoFailures: a file that says otherwise is gone.
func TestFailedRowsOfNoFailures(t *testing.T) {
	dir := t.TempDir()
	n := resumption{input: "username\nalice\nbob\n"}
	n.mustRun(t, dir, 1)
	resumePut(t, resumeFiles(dir).Failed, "username\nbob\n")
	_, r := n.mustRun(t, dir, resumeEvery)
	if got := resumeText(t, resumeFiles(dir).Failed); got != "(none)" || r.FailedPath() != "" {
		t.Errorf("failed rows %q in %q, want no such file", got, r.FailedPath())
	}
}

// TestFailedRowsOfManyFailures: more than fit into the memory that is set aside.
func TestFailedRowsOfManyFailures(t *testing.T) {
	var input strings.Builder
	input.WriteString("username,note\n")
	for range 3000 {
		input.WriteString("bad.user," + strings.Repeat("x", 100) + "\n")
	}
	dir := t.TempDir()
	n := resumption{input: input.String()}
	n.mustRun(t, dir, 2900)
	n.mustRun(t, dir, resumeEvery)
	if got := resumeText(t, resumeFiles(dir).Failed); got != n.input {
		t.Errorf("%d bytes of failed rows, want the whole input of %d", len(got), len(n.input))
	}
}

// TestResumeWithoutAReport starts afresh.
func TestResumeWithoutAReport(t *testing.T) {
	dir := t.TempDir()
	n := resumption{input: resumeUsers}
	r, rows, err := n.begin(t, dir)
	if err != nil || rows == nil {
		t.Fatalf("remaining %v, %v", rows, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if tree := resumeTree(t, dir); len(tree) != 0 {
		t.Fatalf("left behind by a run that did not begin: %q", tree)
	}
	n.mustRun(t, dir, resumeEvery)
	resumeSame(t, n, dir)
}

// TestResumeWithoutAReportSparesFailedRows: they are of another run, and it is
// not for this one to take them away.
func TestResumeWithoutAReportSparesFailedRows(t *testing.T) {
	dir := t.TempDir()
	resumePut(t, resumeFiles(dir).Failed, resumeUsers)
	before := resumeTree(t, dir)
	n := resumption{input: resumeUsers}
	_, _, err := n.begin(t, dir)
	if exists, ok := errors.AsType[*report.ExistsError](err); !ok || exists.Path != resumeFiles(dir).Failed {
		t.Errorf("%v, want that the failed rows exist", err)
	}
	resumeUntouched(t, dir, before)
}

// TestResumeSparesWhatIsNoFailedRows: a file of another kind stays, and one that
// a crash left torn or full of zeros does not.
func TestResumeSparesWhatIsNoFailedRows(t *testing.T) {
	for content, spared := range map[string]bool{
		"precious data\n": true, "id,name\n1,alice\n": true, "username,note\n": true,
		"username\nsomebody\n": false, "userna": false, "": false, "\x00\x00\x00": false, "\ufeffusername\n": false,
	} {
		dir := t.TempDir()
		n := resumption{input: "username\nalice\nbad.bob\n"}
		n.mustRun(t, dir, 1)
		resumePut(t, resumeFiles(dir).Failed, content)
		before := resumeTree(t, dir)
		_, _, err := n.run(t, dir, resumeEvery)
		if _, isUnusable := errors.AsType[*report.UnusableError](err); isUnusable != spared {
			t.Errorf("failed rows %q: %v", content, err)
		}
		if spared {
			resumeUntouched(t, dir, before)
		}
	}
}

// TestCloseWithoutStart: a run that does not begin changes nothing, whatever it
// was allowed to.
func TestCloseWithoutStart(t *testing.T) {
	for name, overwrite := range map[string]bool{"resume": false, "overwrite": true} {
		for report, failed := range map[string]string{
			resumeHeader + "2,bad,failed,X,,1,0,r,,1\n3,bo": "username\nbad\n",
			resumeHeader + "2,bad,failed,X,,1,0,r,,1\n":     "(none)",
			"line,user": "username\nb",
			"":          "(none)",
		} {
			dir := t.TempDir()
			files := resumeFiles(dir)
			resumePut(t, files.Report, report)
			if failed != "(none)" {
				resumePut(t, files.Failed, failed)
			}
			if err := os.Chmod(files.Report, 0o644); err != nil {
				t.Fatal(err)
			}
			before := resumeTree(t, dir)
			r, _, err := resumption{input: "username\nbad\nbob\n", overwrite: overwrite}.begin(t, dir)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for range 2 {
				if err := r.Close(); err != nil {
					t.Errorf("%s: Close: %v", name, err)
				}
			}
			resumeUntouched(t, dir, before)
			if info, err := os.Stat(files.Report); err != nil || info.Mode().Perm() != 0o644 {
				t.Errorf("%s: the mode is %v, %v", name, info.Mode(), err)
			}
		}
	}
}

// TestResumeRefusedForItsFailedRows: before the report is touched.
func TestResumeRefusedForItsFailedRows(t *testing.T) {
	dir := t.TempDir()
	n := resumption{input: resumeUsers}
	n.mustRun(t, dir, 3)
	before := resumeTree(t, dir)
	o := resumeFiles(dir)
	o.Resume, o.Failed = true, filepath.Join(dir, "nowhere", "failed.csv")
	if _, err := report.Open(t.Context(), o); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Open: %v, want that the directory does not exist", err)
	}
	resumeUntouched(t, dir, before)
}

// TestResumeThroughALink writes where the report is.
func TestResumeThroughALink(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	n := resumption{input: resumeUsers}
	n.mustRun(t, elsewhere, 3)
	if err := os.Symlink(resumeFiles(elsewhere).Report, resumeFiles(dir).Report); err != nil {
		t.Fatal(err)
	}
	n.mustRun(t, dir, resumeEvery)
	if err := os.Rename(resumeFiles(dir).Failed, resumeFiles(elsewhere).Failed); err != nil {
		t.Fatal(err)
	}
	resumeSame(t, n, elsewhere)
}
