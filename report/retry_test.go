package report_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"cognito-confirm/report"
)

// Every kind of failure, and what is left of it when it is corrected in place.
const (
	toCorrect = "username,note\n" +
		"alice,1\n" + // 2
		"bad.bob,2\n" +
		",3\n" +
		"carol\n" + // 5: malformed
		"hook.dave,5\n" + // 6
		"old.eve,\"6\n7\"\n" + // 7 and 8
		"bad.fred,8\n" + // 9
		"\x1b,9\n" + // 10
		"gina,10\n" // 11
	corrected = "username,note\n" +
		"alice,1\n" +
		"bob,2\n" +
		"zoe,3\n" +
		"carol,4\n" +
		"hook.dave,5\n" +
		"old.eve,\"6\n7\"\n" +
		"bad.fred,8 still\n" +
		"yves,9\n" +
		"gina,10\n"
)

// allFailed chooses every row that can be done again.
var allFailed = report.Retry{Failed: true}

// TestRetry: which rows are done again, and that the report is then that of a run
// over the corrected input.
func TestRetry(t *testing.T) {
	tests := map[string]struct {
		retry    report.Retry
		retried  []int
		triggers int
	}{
		"all":                {allFailed, []int{3, 4, 5, 9, 10}, 1},
		"one code":           {report.Retry{Failed: true, Codes: []string{"UserNotFoundException"}}, []int{3, 9}, 0},
		"two in small":       {report.Retry{Failed: true, Codes: []string{"empty_username", "usernotfoundexception"}}, []int{3, 4, 9}, 0},
		"malformed records":  {report.Retry{Failed: true, Codes: []string{"malformed_record"}}, []int{5}, 0},
		"a trigger's":        {report.Retry{Failed: true, Codes: []string{"UserLambdaValidationException"}}, nil, 1},
		"a code that is not": {report.Retry{Failed: true, Codes: []string{"UserNotFound", "failed"}}, nil, 0},
		"no":                 {report.Retry{Codes: []string{"UserNotFoundException"}}, nil, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			resumption{input: toCorrect}.mustRun(t, dir, everyRow)
			lines := strings.Split(toCorrect, "\n")
			for _, line := range test.retried {
				lines[line-1] = strings.Split(corrected, "\n")[line-1]
			}
			n := resumption{input: strings.Join(lines, "\n"), retry: test.retry}
			done, r := n.mustRun(t, dir, everyRow)
			if !slices.Equal(done, test.retried) {
				t.Errorf("did the lines %v, want %v", done, test.retried)
			}
			// Rows that fail again come after those that were left.
			want := n.undisturbed(t)
			if got := contents(t, optionsIn(dir).Failed); !slices.Equal(sortedLines(got), sortedLines(want.failed)) {
				t.Errorf("failed rows\n%q, want\n%q", got, want.failed)
			}
			if got := linesByNumber(t, dir); !slices.Equal(got, want.lines) {
				t.Errorf("the report is\n%q, want\n%q", got, want.lines)
			}
			if s := r.State(); s.Retried != len(test.retried) || s.TriggersKept != test.triggers || s.Earlier.Rows != 9-len(test.retried) || s.ThisRun.Rows != len(test.retried) {
				t.Errorf("%+v", s)
			}
			if got := contents(t, optionsIn(dir).Malformed); (got == "(none)") != slices.Contains(test.retried, 5) {
				t.Errorf("malformed records: %q", got)
			}
		})
	}
}

func sortedLines(text string) []string { return slices.Sorted(strings.Lines(text)) }

// TestRetryByUserStatus: what the user is counts as a code, too.
func TestRetryByUserStatus(t *testing.T) {
	dir := t.TempDir()
	put(t, optionsIn(dir).Report, header+"2,alice,failed,NotAuthorizedException,no,1,0,r,,1,FORCE_CHANGE_PASSWORD,\n3,bob,failed,NotAuthorizedException,no,1,0,r,,1,,\n")
	n := resumption{input: "username\nalice\nbob\n", retry: report.Retry{Failed: true, Codes: []string{"FORCE_CHANGE_PASSWORD"}}}
	if done, _ := n.mustRun(t, dir, everyRow); !slices.Equal(done, []int{2}) {
		t.Errorf("did the lines %v, want line 2", done)
	}
}

// TestRetryByForeignCode: rows are chosen by the code that the report has, and by
// the one that is shown in its place.
func TestRetryByForeignCode(t *testing.T) {
	for _, code := range []string{"MaryJones", "unknown_code"} {
		dir := t.TempDir()
		put(t, optionsIn(dir).Report, header+"2,alice,failed,MaryJones,no,1,0,r,,1,,\n3,bob,failed,UserNotFoundException,no,1,0,r,,1,,\n")
		n := resumption{input: "username\nalice\nbob\n", retry: report.Retry{Failed: true, Codes: []string{code}}}
		if done, _ := n.mustRun(t, dir, everyRow); !slices.Equal(done, []int{2}) {
			t.Errorf("%s: did the lines %v, want line 2", code, done)
		}
	}
}

// TestRetryOfAnotherLayout writes the current one.
func TestRetryOfAnotherLayout(t *testing.T) {
	dir := t.TempDir()
	put(t, optionsIn(dir).Report, oldHeader+"2,alice,confirmed,,,1,0,r,yesterday,1\n3,bad.bob,failed,X,,1,0,r,,1\n4,carol,confirmed,,,1,0,r,,1\n5,da")
	n := resumption{input: "username\nalice\nbob\ncarol\ndave\n", retry: allFailed}
	done, _ := n.mustRun(t, dir, everyRow)
	if !slices.Equal(done, []int{3, 5}) {
		t.Errorf("did the lines %v, want 3 and 5", done)
	}
	const want = header + "2,alice,confirmed,,,1,0,r,yesterday,1,,\n4,carol,confirmed,,,1,0,r,,1,,\n"
	if got := read(t, optionsIn(dir).Report); !strings.HasPrefix(got, want) || strings.Contains(got, "bad.bob") {
		t.Errorf("the report is\n%s", got)
	}
}

// TestRetryOfAnEditedInput: only the rows that are done again may be others, and
// only where they are.
func TestRetryOfAnEditedInput(t *testing.T) {
	edit := func(old, new string) string { return strings.Replace(corrected, old, new, 1) }
	const (
		other = "has another username than in the report"
		none  = "is in the report, but no row starts there"
	)
	tests := []struct {
		name, input string
		line        int
		reason      string
	}{
		{"a row that succeeded", edit("alice", "zoe"), 2, other},
		{"a row whose trigger failed", edit("hook.dave", "dave"), 6, other},
		{"a row put in", edit("bob", "zoe,0\nbob"), 6, other},
		{"a row taken out", edit("bob,2\n", ""), 6, other},
		{"a line break in a corrected row", edit("bob,2", "bob,\"2\n\""), 6, other},
		{"a line break taken out of a row that succeeded", edit("6\n7", "67"), 11, none},
		{"nothing left", "username,note\n", 2, none},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			resumption{input: toCorrect}.mustRun(t, dir, everyRow)
			before := tree(t, dir)
			_, _, err := resumption{input: test.input, retry: allFailed}.begin(t, dir)
			edited, ok := errors.AsType[*report.EditedError](err)
			if !ok || edited.Line != test.line || edited.Reason != test.reason {
				t.Errorf("%v, want line %d, which %s", err, test.line, test.reason)
			}
			untouched(t, dir, before)
		})
	}
}

// TestRetryOfASwallowingRecord: when its quotation mark is closed, the rows that
// it took with it are rows of their own.
func TestRetryOfASwallowingRecord(t *testing.T) {
	dir := t.TempDir()
	resumption{input: "username,note\nalice,1\n\"bob,2\ncarol,3\ndave,4\n"}.mustRun(t, dir, everyRow)
	n := resumption{input: "username,note\nalice,1\n\"bob\",2\ncarol,3\ndave,4\n", retry: allFailed}
	if done, _ := n.mustRun(t, dir, everyRow); !slices.Equal(done, []int{3, 4, 5}) {
		t.Errorf("did the lines %v, want 3 to 5", done)
	}
	n.undisturbed(t).same(t, dir)
}

// TestRetryOfADamagedReport is refused like its resumption: which of two lines
// about one row is right, nobody knows.
func TestRetryOfADamagedReport(t *testing.T) {
	const good, bad = "2,bad.alice,confirmed,,,1,0,r,,1,,\n", "2,bad.alice,failed,X,,1,0,r,,1,,\n"
	for _, content := range []string{header + good + bad, header + bad + good, header + bad + bad, header + bad + "x\n"} {
		dir := t.TempDir()
		put(t, optionsIn(dir).Report, content)
		before := tree(t, dir)
		_, _, err := resumption{input: "username\nbad.alice\n", retry: allFailed}.begin(t, dir)
		if _, ok := errors.AsType[*report.UnusableError](err); !ok {
			t.Errorf("%q: %v", content, err)
		}
		untouched(t, dir, before)
	}
	dir := t.TempDir()
	put(t, optionsIn(dir).Report, strings.Replace(header+bad, ",,\n", ",,eu-west-1_Another00\n", 1))
	_, _, err := resumption{input: "username\nalice\n", retry: allFailed}.begin(t, dir)
	if _, ok := errors.AsType[*report.OtherTargetError](err); !ok {
		t.Errorf("another pool: %v", err)
	}
}

// TestRetryWithoutStart leaves everything as it was.
func TestRetryWithoutStart(t *testing.T) {
	dir := t.TempDir()
	resumption{input: toCorrect}.mustRun(t, dir, everyRow)
	before := tree(t, dir)
	r, _, err := resumption{input: corrected, retry: allFailed}.begin(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	untouched(t, dir, before)
}

// TestRetryInterrupted after every number of rows: what is left is done by any
// resumption, and no row is done twice by it.
func TestRetryInterrupted(t *testing.T) {
	want := resumption{input: corrected}.undisturbed(t)
	for _, first := range []int{0, 4, everyRow} {
		for rows := range 7 {
			dir := t.TempDir()
			resumption{input: toCorrect}.mustRun(t, dir, first)
			done, r := resumption{input: corrected, retry: allFailed}.mustRun(t, dir, rows)
			if len(linesByNumber(t, dir)) != r.State().Earlier.Rows+len(done) {
				t.Errorf("%q in the report, want %d of earlier runs and %v", linesByNumber(t, dir), r.State().Earlier.Rows, done)
			}
			again, _ := resumption{input: corrected}.mustRun(t, dir, everyRow)
			if slices.ContainsFunc(again, func(line int) bool { return slices.Contains(done, line) }) {
				t.Errorf("did the lines %v and then %v", done, again)
			}
			want.same(t, dir)
		}
	}
}

// TestRetryKilledWhileFilesAreReplaced has the directory as a kill leaves it
// between any two steps of Start. A resumption finishes the job, or another retry
// where the old report was still there.
func TestRetryKilledWhileFilesAreReplaced(t *testing.T) {
	dir := t.TempDir()
	resumption{input: toCorrect}.mustRun(t, dir, everyRow)
	before := tree(t, dir)
	resumption{input: corrected, retry: allFailed}.mustRun(t, dir, 0)
	after := tree(t, dir)
	want := resumption{input: corrected}.undisturbed(t)
	names := []string{"users.failed.csv", "users.malformed.csv", "users.report.csv"} // in the order in which they are replaced
	for replaced := range len(names) + 1 {
		for _, part := range []int{0, 1, 2} { // of the new file that is to come next
			for _, retry := range []report.Retry{{}, allFailed} {
				if replaced < len(names) && !retry.Failed {
					continue // the report is still that of the input as it was
				}
				t.Run(fmt.Sprintf("%d replaced, %d halves, retry %v", replaced, part, retry.Failed), func(t *testing.T) {
					dir := t.TempDir()
					paths := optionsIn(dir)
					for i, path := range []string{paths.Failed, paths.Malformed, paths.Report} {
						content, isThere := before[names[i]]
						if i < replaced {
							content, isThere = after[names[i]]
						}
						if isThere {
							put(t, path, content)
						}
						if next := after[names[i]]; i == replaced {
							put(t, unfinishedOf(path, "123456"), next[:len(next)*part/2])
							keepPrivate(t, unfinishedOf(path, "123456"))
						}
					}
					resumption{input: corrected, retry: retry}.mustRun(t, dir, everyRow)
					want.same(t, dir)
					if tree := tree(t, dir); len(tree) != 2 {
						t.Errorf("files left behind: %q", tree)
					}
				})
			}
		}
	}
}

// TestRetryOfNothing leaves the report where it is.
func TestRetryOfNothing(t *testing.T) {
	dir := t.TempDir()
	n := resumption{input: "username\nalice\nhook.bob\n", retry: allFailed}
	n.mustRun(t, dir, everyRow)
	before, err := os.Stat(optionsIn(dir).Report)
	if err != nil {
		t.Fatal(err)
	}
	n.mustRun(t, dir, everyRow)
	if after, err := os.Stat(optionsIn(dir).Report); err != nil || !os.SameFile(before, after) {
		t.Errorf("the report is another file, %v", err)
	}
	n.undisturbed(t).same(t, dir)
}

// TestRetryOfEverything is a run from the start, in the report that is there.
func TestRetryOfEverything(t *testing.T) {
	dir := t.TempDir()
	resumption{input: "username\nbad.alice\nbad.bob\n"}.mustRun(t, dir, everyRow)
	info, err := os.Stat(optionsIn(dir).Report)
	if err != nil {
		t.Fatal(err)
	}
	n := resumption{input: "username\nalice\nbob\n", retry: allFailed}
	n.mustRun(t, dir, everyRow)
	n.undisturbed(t).same(t, dir)
	if again, err := os.Stat(optionsIn(dir).Report); err != nil || again.Mode() != info.Mode() {
		t.Errorf("mode %v, %v; want %v", again.Mode(), err, info.Mode())
	}
	missing(t, optionsIn(dir).Failed)
}
