package report_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"cognito-confirm/report"
)

// resumeHolder names the directory whose report the test binary is to hold, as
// another process.
const resumeHolder = "RESUME_TEST_HOLDER"

// TestHolderProcess is that other process. It holds a report until its standard
// input ends or it is killed.
func TestHolderProcess(t *testing.T) {
	dir := os.Getenv(resumeHolder)
	if dir == "" {
		t.Skip("is run by TestHolderIsNamed")
	}
	r, _, err := resumption{input: resumeUsers}.begin(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	if err := r.Record(resumeResult(resumeRow(2, "alice"))); err != nil {
		t.Fatal(err)
	}
	fmt.Println("held")
	io.Copy(io.Discard, os.Stdin)
	r.Close()
}

// TestHolderIsNamed: who holds the report is said, and when that process is
// killed it holds nobody up.
func TestHolderIsNamed(t *testing.T) {
	for _, overwrite := range []bool{false, true} {
		dir := t.TempDir()
		holder := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestHolderProcess$")
		holder.Env = append(os.Environ(), resumeHolder+"="+dir)
		holder.Stderr = os.Stderr
		stdin, err := holder.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		defer stdin.Close()
		stdout, err := holder.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := holder.Start(); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "held\n" {
			t.Fatalf("the other process says %q, %v", line, err)
		}
		before := resumeTree(t, dir)
		n := resumption{input: resumeUsers, overwrite: overwrite}
		_, _, err = n.begin(t, dir)
		want := fmt.Sprintf("%v: %s, held by process %d", report.ErrLocked, resumeFiles(dir).Report, holder.Process.Pid)
		if !errors.Is(err, report.ErrLocked) || err.Error() != want {
			t.Errorf("refused with %v, want %s", err, want)
		}
		if got := resumeTree(t, dir); !strings.HasPrefix(got["users.report.csv"], before["users.report.csv"]) || len(got) != len(before) {
			t.Errorf("files %q, want %q", got, before)
		}
		if err := holder.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		holder.Wait()
		n.mustRun(t, dir, resumeEvery)
		resumeSame(t, n, dir)
	}
}

// TestHolderInThisProcess: two runs of one program are two runs.
func TestHolderInThisProcess(t *testing.T) {
	dir := t.TempDir()
	n := resumption{input: resumeUsers}
	r, _, err := n.begin(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = n.begin(t, dir)
	if own := fmt.Sprintf("held by process %d", os.Getpid()); !errors.Is(err, report.ErrLocked) || !strings.HasSuffix(err.Error(), own) {
		t.Errorf("refused with %v, want %q at the end", err, own)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	n.mustRun(t, dir, resumeEvery)
}
