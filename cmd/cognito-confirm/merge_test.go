package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"cognito-confirm/internal/job"
	"cognito-confirm/internal/program"
	"cognito-confirm/internal/rows"
	"cognito-confirm/report"
)

// TestMergeExits: errors of merge have the exit statuses of the same errors of a
// run, and hints of their own.
func TestMergeExits(t *testing.T) {
	tests := []struct {
		name   string
		err    error
		status int
		hint   string // what it starts with; empty: none
	}{
		{"rows that are missing", &report.MissingError{Rows: 1}, 1, "finish those shards"},
		{"a shard that runs", &report.RunningError{Path: "r.csv"}, 4, "wait for it to end, and merge again"},
		{"a shard in S3 that runs or was killed", fmt.Errorf("%w: s3://users/r.csv", report.ErrLocked), 4, "wait for it to end, or finish it with --resume if it was killed"},
		{"a row in two reports", &report.TwiceError{Line: 2}, 2, "give the reports of one run, each of them once"},
		{"shards of two runs", &report.MixedShardsError{}, 2, "give the reports of one run"},
		{"two user pools", &report.OtherTargetError{}, 2, "give the reports of one user pool"},
		{"an input that was edited", &report.EditedError{Line: 3}, 2, "merge with the input as it was"},
		{"a report that exists", &job.OpenError{Part: job.PartOutputs, Err: &report.ExistsError{Path: "r.csv"}}, 2, "--overwrite replaces it"},
		{"a report that is none", &report.UnusableError{Path: "r.csv"}, 2, "give the reports of the shards"},

		{"a report that is damaged", &report.UnusableError{Path: "r.csv", Damaged: []int{3}}, 2, "cognito-confirm repair r.csv keeps the sound lines"},
		{"another merge", &job.OpenError{Part: job.PartOutputs, Err: fmt.Errorf("%w: r.csv", report.ErrLocked)}, 4, "wait for it to end"},
		{"Ctrl-C", &program.Interruption{Signal: os.Interrupt}, 130, ""},
		{"an input that cannot be used", &rows.UnusableError{Reason: "no", Hint: "save it as CSV"}, 2, "save it as CSV"},
		{"an input that changed", job.ErrInputChanged, 1, "merge again when nobody writes to the input"},
		{"a disk that fails", errors.New("write merged report: input/output error"), 1, ""},
	}
	reached := make(map[int]bool)
	for _, test := range tests {
		err := &mergeError{test.err}
		status, hint := exitOf(err, job.Options{})
		if status != test.status || !strings.HasPrefix(hint, test.hint) || (hint == "") != (test.hint == "") {
			t.Errorf("%s: exit status %d, hint %q; want %d, %q", test.name, status, hint, test.status, test.hint)
		}
		for i, row := range mergeExits() {
			if !row.matches(err) {
				continue
			}
			reached[i] = true
			if _, hint := exitOf(test.err, job.Options{}); hint == row.hint(err, job.Options{}) {
				t.Errorf("%s: the hint about merge is given without a merge", test.name)
			}
		}
	}
	if want := len(mergeExits()); len(reached) != want {
		t.Errorf("%d of %d rows of the table were tested", len(reached), want)
	}
}

// TestMergeSaysNoUsernames: logs travel further than reports.
func TestMergeSaysNoUsernames(t *testing.T) {
	t.Parallel()
	s, dir := start(t), t.TempDir()
	input := put(t, dir, "users.csv", "username\nhunter1\nhunter2\nhunter 3\n")
	invoke(t, s.args(input, "--shard", "0/2", "--report", dir+"/a.csv", "--allow-failed-rows")...).wantStatus(t, 0)
	for status, reports := range map[int][]string{1: {dir + "/a.csv"}, 2: {dir + "/a.csv", input}} {
		got := invoke(t, append([]string{"merge", input, "--report", dir + "/merged.csv", "--summary", "-"}, reports...)...)
		got.wantStatus(t, status)
		if strings.Contains(got.stderr+got.stdout, "hunter") {
			t.Errorf("the streams have a username in them:\n%s%s", got.stderr, got.stdout)
		}
	}
}

// TestMergeOfAnInputThatChanges is not done: its rows may be those of two files.
func TestMergeOfAnInputThatChanges(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := put(t, dir, "users.csv", "username\n")
	input, err := rows.Open(t.Context(), rows.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer input.Close()
	recorder, err := report.Open(t.Context(), report.Options{Report: dir + "/users.report.csv", Failed: dir + "/users.failed.csv"})
	if err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, long, long); err != nil {
		t.Fatal(err)
	}
	c := newConsole(started(), nil, io.Discard, io.Discard)
	defer c.close()
	_, err = new(mergeCommand).merge(t.Context(), c, input, recorder, nil)
	if !errors.Is(err, job.ErrInputChanged) {
		t.Errorf("merge: %v", err)
	}
	recorder.Close()
	if got := names(t, dir); got != "users.csv" {
		t.Errorf("the files are %s", got)
	}
}

// TestMergeOfStandardInput reads the input once, so that it may be a pipe.
func TestMergeOfStandardInput(t *testing.T) {
	t.Parallel()
	s, dir := start(t), t.TempDir()
	content := numbered(20)
	input := put(t, dir, "users.csv", content)
	merge := []string{"merge", "-", "--report", dir + "/users.report.csv"}
	for index := range 3 {
		path := fmt.Sprintf("%s/users.shard-%d-of-3.report.csv", dir, index)
		invoke(t, s.args(input, "--shard", fmt.Sprintf("%d/3", index))...).wantStatus(t, 0)
		merge = append(merge, path)
	}
	invokeWith(t.Context(), strings.NewReader(content), merge...).wantStatus(t, 0)
	invoke(t, s.args(input, "--resume")...).wantError(t, "nothing left to do")
	if calls := s.Counts().Calls; calls != 20 {
		t.Errorf("%d calls for 20 rows", calls)
	}
}
