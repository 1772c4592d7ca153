package main

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// buildProgram returns the program, built as it is released.
func buildProgram(t *testing.T) (path string) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatalf("build: %v", err)
	}
	return path
}

// binary builds the program once.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(binaryDirectory, programName)
	out, err := exec.Command("go", "build", "-trimpath", "-o", path, ".").CombinedOutput()
	if err != nil {
		err = errors.New(string(out))
	}
	return path, err
})

// process is the built program, running.
type process struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
	ended          chan struct{}
}

// launch starts the built program. before is a shell's command, run in the same
// process before it.
func launch(t *testing.T, before string, args ...string) *process {
	t.Helper()
	path := buildProgram(t)
	p := &process{ended: make(chan struct{})}
	p.Cmd = exec.Command("sh", append([]string{"-c", before + `; exec "$@"`, "sh", path}, args...)...)
	p.Stdout, p.Stderr = &p.stdout, &p.stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Process.Kill() })
	go func() {
		p.Wait()
		close(p.ended)
	}()
	return p
}

// send sends a signal.
func (p *process) send(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if err := p.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// end waits for the process and returns what is left of it.
func (p *process) end(t *testing.T) outcome {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(20 * time.Second):
		t.Fatal("the process does not end")
	}
	return outcome{status: p.ProcessState.ExitCode(), stdout: p.stdout.String(), stderr: p.stderr.String()}
}

// slowly makes every call take so long.
func slowly(delay time.Duration) fakecognito.Options {
	return fakecognito.Options{UserPoolID: testPool, AcceptAnyone: true, LogCalls: true, Latency: delay}
}

// TestSignals interrupts the real thing in the middle of a run: no new rows,
// and every call on the wire is answered and recorded.
func TestSignals(t *testing.T) {
	for signal, want := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 143} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			const inFlight, rows = 8, 500
			s, dir := startWith(t, slowly(300*time.Millisecond)), t.TempDir()
			input := put(t, dir, "users.csv", numbered(rows))
			p := launch(t, ":", s.args(input, "--concurrency", "8", "--summary", "-")...)
			eventually(t, "calls are in flight, and others are done", func() bool {
				calls := s.Counts()
				return calls.Confirmed > inFlight && calls.MaxInFlight == inFlight
			})
			p.send(t, signal)
			if signal == syscall.SIGHUP { // again, as from a terminal that goes away
				time.Sleep(time.Millisecond)
				p.send(t, signal)
			}
			got := p.end(t)
			got.wantStatus(t, want)
			got.wantError(t, "interrupted by signal: "+signal.String(), "report: ")
			if !strings.Contains(got.stdout, `"outcome": "interrupted"`) {
				t.Errorf("summary: %s", got.stdout)
			}
			lines := readReport(t, filepath.Join(dir, "users.report.csv"))
			calls := s.Calls()
			if len(lines) != len(calls) || len(calls) >= rows {
				t.Errorf("%d lines in the report, %d calls, %d rows", len(lines), len(calls), rows)
			}
			for _, call := range calls {
				if line := lines[call.Username]; line["status"] != "confirmed" || line["request_id"] != call.RequestID {
					t.Errorf("%s: %v in the report", call.Username, line)
				}
			}
		})
	}
}

// TestSecondSignal ends it at once, with a report that is sound.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	s, dir := startWith(t, slowly(0)), t.TempDir()
	s.SetFault("user0000", fakecognito.Fault{Kind: fakecognito.FaultHang})
	input := put(t, dir, "users.csv", numbered(100_000))
	p := launch(t, ":", "run", "--user-pool-id", testPool, "--endpoint-url", s.url, "--rate", "500", "--concurrency", "4", input)
	eventually(t, "rows are done", func() bool { return s.Counts().Confirmed > 20 })
	p.send(t, syscall.SIGINT)
	eventually(t, "no more calls come", func() bool {
		before := s.Counts().Calls
		time.Sleep(200 * time.Millisecond)
		return s.Counts().Calls == before
	})
	select {
	case <-p.ended:
		t.Fatal("it did not wait for the call in flight")
	default:
	}
	sent := time.Now()
	p.send(t, syscall.SIGINT)
	p.end(t)
	if took := time.Since(sent); took > 5*time.Second {
		t.Errorf("ended %v after the second signal", took)
	}
	if status := p.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGINT {
		t.Errorf("ended with %v, want by the signal", p.ProcessState)
	}
	lines := readReport(t, filepath.Join(dir, "users.report.csv"))
	if confirmed := s.Counts().Confirmed; int64(len(lines)) != confirmed {
		t.Errorf("%d lines in the report, %d confirmed", len(lines), confirmed)
	}
}

// TestIgnoredSignal: nohup ignores the hangup on purpose.
func TestIgnoredSignal(t *testing.T) {
	t.Parallel()
	s, dir := startWith(t, slowly(100*time.Millisecond)), t.TempDir()
	p := launch(t, "trap '' HUP", s.args(put(t, dir, "users.csv", numbered(20)), "--concurrency", "4")...)
	eventually(t, "calls are in flight", func() bool { return s.Counts().Calls > 0 })
	p.send(t, syscall.SIGHUP)
	p.end(t).wantStatus(t, 0)
	if lines := readReport(t, filepath.Join(dir, "users.report.csv")); len(lines) != 20 {
		t.Errorf("%d lines in the report", len(lines))
	}
}

// TestFullDisk: nothing is sent any more that could not be recorded.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	const rows = 20_000
	s, dir := startWith(t, slowly(0)), t.TempDir()
	// ulimit counts in blocks of 512 bytes.
	p := launch(t, "ulimit -f 20", "run", "--user-pool-id", testPool, "--endpoint-url", s.url, "--rate", "2000", put(t, dir, "users.csv", numbered(rows)))
	got := p.end(t)
	got.wantStatus(t, 1)
	got.wantError(t, "stopped: write report: ", "file too large", "--resume asks for these rows again")
	confirmed := int(s.Counts().Confirmed)
	lines := len(readReport(t, filepath.Join(dir, "users.report.csv")))
	if lines == 0 || confirmed >= rows/2 {
		t.Errorf("%d lines in the report, %d confirmed", lines, confirmed)
	}
	got.wantError(t, fmt.Sprintf("WARNING: %d answers could not be written", confirmed-lines))
}

// TestFullDiskStopsAtOnce, and not with the answer after the one that was lost.
func TestFullDiskStopsAtOnce(t *testing.T) {
	t.Parallel()
	s, dir := startWith(t, slowly(0)), t.TempDir()
	users := "username\n" + strings.Repeat(strings.Repeat("x", 128)+"\n", 30)
	p := launch(t, "ulimit -f 1", "run", "--user-pool-id", testPool, "--endpoint-url", s.url, "--rate", "2", put(t, dir, "users.csv", users))
	p.end(t).wantStatus(t, 1)
	lines := strings.Count(read(t, filepath.Join(dir, "users.report.csv")), "\n") - 1
	if calls := s.Counts().Calls; calls != int64(lines)+1 {
		t.Errorf("%d calls for %d lines in the report: more than the one that was lost", calls, lines)
	}
}

// TestClosedPipe: a reader of standard output that went away is an error of the
// summary, and neither the end of the run nor a silent success.
func TestClosedPipe(t *testing.T) {
	t.Parallel()
	path := buildProgram(t)
	s, dir := start(t), t.TempDir()
	input := put(t, dir, "users.csv", numbered(5))
	shell := exec.Command("sh", append([]string{"-c", `{ "$@"; echo $? >&3; } 3>&2 2>/dev/null | true`, "sh", path}, s.args(input, "--summary", "-")...)...)
	var status bytes.Buffer
	shell.Stderr = &status
	if err := shell.Run(); err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(status.String()) != "1" {
		t.Errorf("exit status %q, want 1", status.String())
	}
	if lines := readReport(t, filepath.Join(dir, "users.report.csv")); len(lines) != 5 {
		t.Errorf("%d lines in the report", len(lines))
	}
}
