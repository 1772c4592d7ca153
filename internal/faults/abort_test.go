//go:build unix

package faults

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
)

// TestAborts ends runs on the spot. Exit status 2 stands for a wrong command line,
// which none of these is, and the report is sound after each.
func TestAborts(t *testing.T) {
	t.Parallel()
	playAll(t, 2, []faultCase{
		{name: "SIGQUIT", rows: 150, play: func(s *scenario) error { return s.abort(syscall.SIGQUIT, 131) }},
		{name: "SIGABRT", rows: 150, play: func(s *scenario) error { return s.abort(syscall.SIGABRT, 134) }},
	})
}

// abort sends a signal to a run with calls in flight.
func (s *scenario) abort(signal syscall.Signal, want int) error {
	defer s.healUsers()
	r, err := s.beginOnTheWire()
	if err != nil {
		return err
	}
	if err := r.Process.Signal(signal); err != nil {
		return err
	}
	status, err := r.wait()
	if err != nil {
		return err
	}
	s.died(r.rate)
	if !status.Exited() || status.ExitStatus() != want {
		return fmt.Errorf("%s after %v, want exit status %d", describe(status), signal, want)
	}
	if output := r.output.String(); !strings.Contains(output, "goroutine ") || strings.Contains(output, "user0") {
		return errors.New("the stacks are missing, or name a user")
	}
	return nil
}
