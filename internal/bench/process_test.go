//go:build bench

package bench

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

const poolID = "us-east-1_Bench0000"

// serve puts a stand-in on a free port until the test ends, with its live traffic.
func serve(t *testing.T, options fakecognito.Options) (server *fakecognito.Server, url string) {
	t.Helper()
	options.UserPoolID, options.AcceptAnyone = poolID, true
	server = fakecognito.New(options)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, listener) }()
	go server.RunLive(ctx)
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return server, "http://" + listener.Addr().String()
}

// program returns the built program with these arguments.
func program(t *testing.T, arguments ...string) *exec.Cmd {
	t.Helper()
	path, err := filepath.Abs("../../bin/cognito-confirm")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v: make build puts it there", err)
	}
	return isolated(t, exec.Command(path, arguments...))
}

// again returns this test binary in another role, with these variables.
func again(t *testing.T, role string, variables ...string) *exec.Cmd {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := isolated(t, exec.Command(path))
	command.Env = append(append(command.Env, roleVariable+"="+role), variables...)
	return command
}

// isolated gives a command credentials and nothing of the user's own configuration.
func isolated(t *testing.T, command *exec.Cmd) *exec.Cmd {
	t.Helper()
	command.Dir = t.TempDir()
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + command.Dir,
		"AWS_ACCESS_KEY_ID=AKIDEXAMPLE",
		"AWS_SECRET_ACCESS_KEY=secret",
		"AWS_REGION=us-east-1",
		"AWS_EC2_METADATA_DISABLED=true",
	}
	return command
}

// usage is what a process used.
type usage struct {
	cpu, wall time.Duration // user and system together
	peak      float64       // resident memory, in MiB
}

// finish runs the command to its end.
func finish(t *testing.T, command *exec.Cmd) usage {
	t.Helper()
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	started := time.Now()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	peak := watchPeak(command.Process.Pid)
	err := command.Wait()
	wall := time.Since(started)
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, &said)
	}
	return usage{
		cpu:  command.ProcessState.UserTime() + command.ProcessState.SystemTime(),
		wall: wall,
		peak: peak(),
	}
}

// watchPeak reads the peak of a process's resident memory until the process ends.
// getrusage would not do: it never reports less than the parent had at the start.
func watchPeak(pid int) (peak func() float64) {
	result := make(chan float64, 1)
	go func() {
		last := 0.0
		for {
			status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
			_, after, found := strings.Cut(string(status), "VmHWM:")
			if err != nil || !found {
				result <- last
				return
			}
			kib, _, _ := strings.Cut(strings.TrimSpace(after), " ")
			if n, err := strconv.ParseFloat(kib, 64); err == nil {
				last = max(last, n/1024)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	return func() float64 { return <-result }
}
