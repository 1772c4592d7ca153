//go:build e2e && linux

package e2e

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// eventually waits for what another process is about to do.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// runArguments are those of a run of users.csv against a stand-in.
func runArguments(url string, more ...string) []string {
	return append([]string{"cognito-confirm", "run", "--user-pool-id", poolID, "--endpoint-url", url, "users.csv"}, more...)
}

// rowsIn counts the lines of a report.
func rowsIn(t *testing.T, path string) (rows int) {
	t.Helper()
	eachReported(t, path, func(int, reported) { rows++ })
	return rows
}

// TestTimeout: timeout sends its signal to the run and to its whole group, which
// is one signal. Every answer is waited for and recorded.
func TestTimeout(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server, url := standIn(t, fakecognito.Options{Latency: time.Second})
	numberedUsers(t, dir, 1000)
	command := newCommand(t, dir, credentials(), "timeout", append([]string{"--preserve-status", "3"}, runArguments(url, "--rate", "50")...)...)
	ended := finish(t, command)
	if ended.status != 143 {
		t.Errorf("exit status %d\n%s", ended.status, ended.stderr)
	}
	calls := int(server.Counts().Calls)
	if rows := rowsIn(t, filepath.Join(dir, "users.report.csv")); rows != calls || rows < 2 {
		t.Errorf("%d calls, and %d rows in the report\n%s", calls, rows, ended.stderr)
	}
}

// TestProcess1: the first process of a container has no default handlers, and
// ends all the same when a second signal is meant.
func TestProcess1(t *testing.T) {
	if exec.Command("unshare", "--pid", "--fork", "true").Run() != nil {
		t.Skip("needs root")
	}
	dir := t.TempDir()
	server, url := standIn(t, fakecognito.Options{Latency: time.Hour})
	numberedUsers(t, dir, 10)
	command := newCommand(t, dir, credentials(), "unshare", append([]string{"--pid", "--fork", "--kill-child"}, runArguments(url)...)...)
	command.Stdout, command.Stderr = nil, nil
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a call is on the wire", func() bool { return server.Counts().Calls > 0 })
	first := childOf(t, command.Process.Pid)
	kill := func() {
		if err := syscall.Kill(first, syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
	kill()
	time.Sleep(1500 * time.Millisecond)
	kill()
	err := command.Wait()
	if status := command.ProcessState.ExitCode(); status != 143 {
		t.Errorf("exit status %d, %v", status, err)
	}
}

// childOf returns the only child of a process.
func childOf(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		t.Skip(err) // not every kernel tells
	}
	child, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return child
}

// fullPipe returns the writing end of a pipe that takes no more. Nobody reads it.
func fullPipe(t *testing.T) *os.File {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		reader.Close()
		writer.Close()
	})
	if err := writer.SetWriteDeadline(time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 4096)
	for err == nil {
		_, err = writer.Write(block)
	}
	return writer
}

// TestNobodyReads: a run whose standard error is full ends, lets go of its report,
// and hears signals. A check ends too.
func TestNobodyReads(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, url := standIn(t, fakecognito.Options{})
	numberedUsers(t, dir, 60)
	start := func(more ...string) (command *exec.Cmd) {
		arguments := runArguments(url, more...)
		command = newCommand(t, dir, credentials(), arguments[0], arguments[1:]...)
		command.Stderr = fullPipe(t)
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		return command
	}
	first := start("--rate", "20")
	report := filepath.Join(dir, "users.report.csv")
	eventually(t, "some rows are in the report", func() bool {
		text, _ := os.ReadFile(report)
		return strings.Count(string(text), "\n") > 5
	})
	if err := first.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	first.Wait()
	if status := first.ProcessState.ExitCode(); status != 143 {
		t.Errorf("exit status %d after a signal", status)
	}
	second := start("--resume")
	second.Wait()
	if status, rows := second.ProcessState.ExitCode(), rowsIn(t, report); status != 0 || rows != 60 {
		t.Errorf("exit status %d, %d rows in the report", status, rows)
	}
	check := newCommand(t, dir, nil, "cognito-confirm", "check", "users.csv", "--summary", "-")
	check.Stderr = fullPipe(t)
	if err := check.Run(); err != nil {
		t.Errorf("check ends with %v", err)
	}
}

// TestNobodyReadsTheStacks: SIGQUIT ends a run that hangs, even when standard error is
// full.
func TestNobodyReadsTheStacks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server, url := standIn(t, fakecognito.Options{Latency: 1 << 40})
	numberedUsers(t, dir, 10)
	arguments := runArguments(url)
	command := newCommand(t, dir, credentials(), arguments[0], arguments[1:]...)
	command.Stderr = fullPipe(t)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a call is on the wire", func() bool { return server.Counts().Calls > 0 })
	if err := command.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); command.ProcessState.ExitCode() != 131 {
		t.Errorf("%v, want exit status 131", err)
	}
}

// TestPipe: where standard error is a pipe, no bar is drawn, and SIGUSR1 asks for a
// line.
func TestPipe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, url := standIn(t, fakecognito.Options{})
	numberedUsers(t, dir, 60)
	arguments := runArguments(url, "--rate", "20")
	command := newCommand(t, dir, append(credentials(), "TERM=xterm"), arguments[0], arguments[1:]...)
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	asked, answered := false, false
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		line := lines.Text()
		all.WriteString(line + "\n")
		if !asked && strings.Contains(line, "60 rows of users.csv") {
			asked = true
			if err := command.Process.Signal(syscall.SIGUSR1); err != nil {
				t.Fatal(err)
			}
		}
		answered = answered || strings.Contains(line, " of 60, ")
		if len(line) > 100 && strings.Contains(line, " of 60, ") {
			t.Errorf("%d characters: %s", len(line), line)
		}
	}
	if err := command.Wait(); err != nil {
		t.Error(err)
	}
	if strings.ContainsAny(all.String(), "\x1b\r") || !answered {
		t.Errorf("standard error:\n%q", all.String())
	}
}
