package report_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"cognito-confirm/report"
)

// TestHolderIsNamed: the message tells who holds the report, and when that
// process is killed it holds nobody up.
func TestHolderIsNamed(t *testing.T) {
	dir := t.TempDir()
	o := optionsIn(dir)
	cmd, _, stdout := startHelper(t, roleHold, dir)
	if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil || line != "held\n" {
		t.Fatalf("the other process printed %q, %v", line, err)
	}
	before := tree(t, dir)
	for _, overwrite := range []bool{false, true} {
		o.Overwrite, o.Resume = overwrite, !overwrite
		_, err := report.Open(context.Background(), o)
		want := fmt.Sprintf("%v: %s, held by process %d", report.ErrLocked, o.Report, cmd.Process.Pid)
		if !errors.Is(err, report.ErrLocked) || err.Error() != want {
			t.Errorf("refused with %v, want %s", err, want)
		}
		untouched(t, dir, before)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	n := resumption{input: everyKindOfRow}
	n.mustRun(t, dir, everyRow)
	n.undisturbed(t).same(t, dir)
}

// TestHolderInThisProcess: two runs of one program are two runs.
func TestHolderInThisProcess(t *testing.T) {
	o := optionsIn(t.TempDir())
	r := open(t, o)
	_, err := report.Open(context.Background(), o)
	want := fmt.Sprintf("%v: %s, held by process %d", report.ErrLocked, o.Report, os.Getpid())
	if !errors.Is(err, report.ErrLocked) || err.Error() != want {
		t.Errorf("refused with %v, want %s", err, want)
	}
	closeRecorder(t, r)
}
