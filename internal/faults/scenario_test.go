//go:build unix

package faults

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

const userPoolID = "eu-west-1_Faults000"

// scenario is an input, a stand-in with its users, and the files that the runs of
// the program write.
type scenario struct {
	binary, dir string
	server      *fakecognito.Server
	url         string
	stop        func() // ends the stand-in
	unmount     func() error
	rows        []expectedRow
	triggers    []string // users whose trigger fails

	// Flags of every run.
	flags       []string
	concurrency int
	timeout     time.Duration

	// deaths counts the runs that ended without writing down their answers.
	deaths int
	// unheard is how many rows the program may ask for again, because of deaths
	// or because an answer was sent and did not arrive.
	unheard int
	log     strings.Builder // the output of the runs, to explain a failure
}

// newScenario writes an input of n rows of every kind and starts a stand-in.
func newScenario(t *testing.T, n int, o fakecognito.Options) (*scenario, error) {
	dir, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		return nil, err
	}
	o.UserPoolID, o.LogCalls = userPoolID, true
	s := &scenario{
		binary: buildProgram(t), dir: dir, server: fakecognito.New(o),
		unmount: func() error { return nil },
		flags:   []string{"--quiet"}, concurrency: 16, timeout: 30 * time.Second,
	}
	if err := s.writeInput(n); err != nil {
		return nil, err
	}
	s.spoilUsers()
	return s, s.serveOn("127.0.0.1:0")
}

// serveOn serves the stand-in on an address until stop is called.
func (s *scenario) serveOn(address string) error {
	listener, err := fakecognito.Listen(address)
	if err != nil {
		return err
	}
	s.url = "http://" + listener.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.server.Serve(ctx, listener)
	}()
	s.stop = func() { cancel(); <-ended }
	return nil
}

// spoilUsers sets the faults that belong to single users of the input.
func (s *scenario) spoilUsers() {
	for _, username := range s.triggers {
		s.server.SetFault(username, fakecognito.Fault{Code: "UserLambdaValidationException"})
	}
}

// healUsers ends all other faults.
func (s *scenario) healUsers() {
	s.server.ClearFaults()
	s.spoilUsers()
}

// inFlight counts the calls that the stand-in has not answered yet.
func (s *scenario) inFlight() int {
	n := 0
	for _, call := range s.server.Calls() {
		if call.Answered.IsZero() {
			n++
		}
	}
	return n
}

func (s *scenario) path(name string) string { return filepath.Join(s.dir, name) }

// command returns the command line of a run at a rate, with further flags.
func (s *scenario) command(rate float64, flags []string) []string {
	return slices.Concat([]string{s.binary, "run", "users.csv", "--user-pool-id", userPoolID, "--endpoint-url", s.url,
		"--rate", fmt.Sprint(rate), "--concurrency", fmt.Sprint(s.concurrency), "--timeout", s.timeout.String()}, s.flags, flags)
}

// environ returns credentials and nothing of the user's own environment.
func (s *scenario) environ() []string {
	return []string{"AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "HOME=" + s.dir,
		"PATH=" + os.Getenv("PATH")}
}

// note keeps the output of a run and counts a death when a signal killed it.
func (s *scenario) note(status syscall.WaitStatus, rate float64, output string) {
	fmt.Fprintf(&s.log, "-- %s\n%s", describe(status), output)
	if status.Signaled() {
		s.died(rate)
	}
}

// died counts a death. It costs the answers of the calls in flight and those of
// the last tenth of a second, which may not have reached the operating system.
func (s *scenario) died(rate float64) {
	s.deaths++
	s.unheard += s.concurrency + int(rate/10)
}

func describe(status syscall.WaitStatus) string {
	if status.Signaled() {
		return "killed by " + status.Signal().String()
	}
	return fmt.Sprintf("exit status %d", status.ExitStatus())
}

// close ends the stand-in and removes the files.
func (s *scenario) close() error {
	s.stop()
	if err := s.unmount(); err != nil {
		return fmt.Errorf("unmount: %w", err)
	}
	return os.RemoveAll(s.dir)
}
