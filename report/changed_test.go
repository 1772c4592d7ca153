package report_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// harms are what others do to a file that is being written.
func harms() map[string]struct {
	do   func(path string) error
	word string
} {
	appendTo := func(path string) error {
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return err
		}
		_, err = file.WriteString("a line of somebody else\n")
		return errors.Join(err, file.Close())
	}
	replace := func(path string) error {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return errors.Join(os.Rename(path, path+".1"), os.WriteFile(path, content, 0o600))
	}
	return map[string]struct {
		do   func(path string) error
		word string
	}{
		"emptied":     {func(path string) error { return os.Truncate(path, 0) }, "cut off"},
		"cut off":     {func(path string) error { return os.Truncate(path, 5) }, "cut off"},
		"appended to": {appendTo, "written to by somebody else"},
		"removed":     {os.Remove, "removed"},
		"replaced":    {replace, "replaced"},
	}
}

// TestFilesThatOthersChange: the run stops within a second, idle or not, and
// tells what happened to which file.
func TestFilesThatOthersChange(t *testing.T) {
	files := map[string]func(report.Options) string{
		"report":    func(o report.Options) string { return o.Report },
		"failed":    func(o report.Options) string { return o.Failed },
		"malformed": func(o report.Options) string { return o.Malformed },
	}
	for which, path := range files {
		for how, harm := range harms() {
			for _, isIdle := range []bool{false, true} {
				o := optionsIn(t.TempDir())
				path := path(o)
				synctest.Test(t, func(t *testing.T) {
					failures := make(chan error, 9)
					o.OnFailure = func(err error) { failures <- err }
					r := open(t, o)
					torn := result(9, "", worker.StatusInvalid)
					torn.Row.Raw, torn.Row.Invalid = "a\"b,and more\n", &worker.Invalid{Code: "malformed_record"}
					record(t, r, result(2, "alice", worker.StatusFailed), torn)
					later(1100 * time.Millisecond) // all is synced
					if err := harm.do(path); err != nil {
						t.Fatal(err)
					}
					if !isIdle {
						record(t, r, result(3, "bob", worker.StatusFailed))
					}
					later(time.Second)
					if len(failures) != 1 {
						t.Fatalf("%s %s (idle: %v): OnFailure was called %d times", which, how, isIdle, len(failures))
					}
					err := <-failures
					changed, ok := errors.AsType[*report.ChangedError](err)
					if !ok || changed.Path != path || !strings.Contains(changed.Reason, harm.word) {
						t.Errorf("%s %s (idle: %v): %v", which, how, isIdle, err)
					}
					if err := r.Close(); !errors.As(err, &changed) {
						t.Errorf("%s %s: Close: %v", which, how, err)
					}
				})
			}
		}
	}
}

// TestNothingIsWrittenToAChangedReport: zeros in place of what was cut off would
// make it unreadable.
func TestNothingIsWrittenToAChangedReport(t *testing.T) {
	for how, harm := range harms() {
		if how == "removed" || how == "replaced" {
			continue
		}
		o := optionsIn(t.TempDir())
		synctest.Test(t, func(t *testing.T) {
			r := open(t, o)
			record(t, r, result(2, "alice", worker.StatusConfirmed))
			later(flushTime)
			if err := harm.do(o.Report); err != nil {
				t.Fatal(err)
			}
			before := read(t, o.Report)
			record(t, r, result(3, "bob", worker.StatusConfirmed))
			later(flushTime)
			if got := read(t, o.Report); got != before {
				t.Errorf("%s: wrote %q after %q", how, got, before)
			}
			if err := r.Record(result(4, "carol", worker.StatusConfirmed)); !errors.As(err, new(*report.ChangedError)) {
				t.Errorf("%s: Record: %v", how, err)
			}
			if r.Close(); r.State().Lost != 2 {
				t.Errorf("%s: %d lost, want 2", how, r.State().Lost)
			}
		})
	}
}

// TestChangedJustBeforeTheEnd is found out all the same.
func TestChangedJustBeforeTheEnd(t *testing.T) {
	o := optionsIn(t.TempDir())
	r := open(t, o)
	record(t, r, result(2, "alice", worker.StatusConfirmed))
	if err := os.Remove(o.Report); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); !errors.As(err, new(*report.ChangedError)) {
		t.Errorf("Close: %v", err)
	}
}
