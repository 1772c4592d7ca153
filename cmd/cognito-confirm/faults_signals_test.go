//go:build faults && linux && amd64

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// TestFaultsSignals sends every signal that ends a run in every phase of it. A
// run that ends by itself has lost nothing: no row is asked for again.
func TestFaultsSignals(t *testing.T) {
	t.Parallel()
	needTracing(t)
	var cases []faultCase
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		for _, c := range []faultCase{
			{name: "reading the report", rows: 50_000, play: func(s *scenario) error { return s.signalInIndex(signal) }},
			{name: "waiting for a token", rows: 100, play: func(s *scenario) error {
				return s.signalWhen(signal, 0.1, "the first answer is in the report", func() bool {
					return s.sent() == 1 && s.inFlight() == 0
				})
			}},
			{name: "calls on the wire", rows: 300, play: func(s *scenario) error { return s.signalOnTheWire(signal) }},
			{name: "in backoff", rows: 100, play: func(s *scenario) error {
				const sick = "user000000"
				s.server.SetFault(sick, fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "503"})
				defer s.server.SetFault(sick)
				return s.signalWhen(signal, 500, "one row is left and has failed some times", func() bool {
					return s.lines() == len(s.rows)-1 && s.callsFor(sick) >= 5
				}, "--max-attempts", "1000")
			}},
			{name: "service out", rows: 300, play: func(s *scenario) error {
				s.server.SetFaultShare(1, fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "503"})
				defer s.healUsers()
				return s.signalWhen(signal, 500, "calls have failed in a row", func() bool { return s.server.Counts().Faults >= 20 })
			}},
			{name: "server gone", rows: 300, play: func(s *scenario) error { return s.signalWhileGone(signal) }},
			{name: "finishing", rows: 100, play: func(s *scenario) error { return s.signalAtTheEnd(signal) }},
			{name: "killed a second later", rows: 300, play: func(s *scenario) error { return s.signalThenKill(signal) }},
			{name: "a second signal", rows: 300, play: func(s *scenario) error { return s.signalTwice(signal) }},
		} {
			c.name += ": " + signal.String()
			cases = append(cases, c)
		}
	}
	playAll(t, buildProgram(t), 4, cases)
}

// signalWhen sends a signal when something is true, and holds the end of the
// run against what is promised.
func (s *scenario) signalWhen(signal syscall.Signal, rate float64, what string, isTrue func() bool, flags ...string) error {
	r, err := s.begin(rate, flags...)
	if err != nil {
		return err
	}
	if err := r.until(what, isTrue); err != nil {
		return err
	}
	return r.endBy(signal)
}

// endBy sends the signal and waits for the clean end that belongs to it, with
// no calls but those that were being begun in that moment.
func (r *running) endBy(signal syscall.Signal) error {
	calls, sent := r.scenario.server.Counts().Calls, time.Now()
	if err := r.Process.Signal(signal); err != nil {
		return err
	}
	status, err := r.wait()
	if err != nil {
		return err
	}
	if took := time.Since(sent); took > slowAnswer+5*time.Second {
		return fmt.Errorf("it took %v to end", took)
	}
	if more := r.scenario.server.Counts().Calls - calls; more > int64(r.scenario.concurrency) {
		return fmt.Errorf("%d more calls after the signal", more)
	}
	return endedBy(status, signal)
}

func endedBy(status syscall.WaitStatus, signal syscall.Signal) error {
	want := exitTerminated
	if signal == syscall.SIGINT {
		want = exitInterrupted
	}
	if !status.Exited() || status.ExitStatus() != want {
		return fmt.Errorf("%s after %v, want exit status %d", describe(status), signal, want)
	}
	return nil
}

// slowAnswer is how long the answers take that a signal is to find on the wire.
const slowAnswer = 3 * time.Second

// beginOnTheWire starts a run and waits until all its calls are in flight.
func (s *scenario) beginOnTheWire() (*running, error) {
	s.server.SetFaultShare(1, fakecognito.Fault{Kind: fakecognito.FaultSlow, Delay: slowAnswer})
	r, err := s.begin(500)
	if err != nil {
		return nil, err
	}
	return r, r.until("all calls are in flight", func() bool { return s.inFlight() == s.concurrency })
}

func (s *scenario) signalOnTheWire(signal syscall.Signal) error {
	defer s.healUsers()
	r, err := s.beginOnTheWire()
	if err != nil {
		return err
	}
	if err := r.endBy(signal); err != nil {
		return err
	}
	if calls, sent := int(s.server.Counts().Calls), s.sent(); sent != calls {
		return fmt.Errorf("%d calls, %d of them in the report", calls, sent)
	}
	return nil
}

// signalThenKill is what a machine does that is shut down.
func (s *scenario) signalThenKill(signal syscall.Signal) error {
	defer s.healUsers()
	r, err := s.beginOnTheWire()
	if err != nil {
		return err
	}
	if err := r.Process.Signal(signal); err != nil {
		return err
	}
	select {
	case <-r.ended:
	case <-time.After(time.Second):
		_ = r.Process.Kill()
	}
	status, err := r.wait()
	if err == nil && !status.Signaled() {
		err = fmt.Errorf("%s, with its calls on the wire", describe(status))
	}
	return err
}

// signalTwice sends more signals as somebody does who has lost patience. A
// hangup is not among those, see untilSignal.
func (s *scenario) signalTwice(signal syscall.Signal) error {
	defer s.healUsers()
	r, err := s.beginOnTheWire()
	if err != nil {
		return err
	}
	if err := r.Process.Signal(signal); err != nil {
		return err
	}
	if signal == syscall.SIGHUP {
		signal = syscall.SIGTERM
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for ended := false; !ended; {
		select {
		case <-r.ended:
			ended = true
		case <-tick.C:
			_ = r.Process.Signal(signal)
		}
	}
	status, err := r.wait()
	if err == nil && (!status.Signaled() || status.Signal() != signal) {
		err = fmt.Errorf("%s, want killed by %v", describe(status), signal)
	}
	return err
}

// signalWhileGone sends the signal to a run whose server has gone.
func (s *scenario) signalWhileGone(signal syscall.Signal) error {
	quiet := s.flags
	s.flags = nil // progress says when an outage is recognised
	defer func() { s.flags = quiet }()
	r, err := s.begin(100)
	if err != nil {
		return err
	}
	if err := r.until("some rows are done", func() bool { return s.lines() > 50 }); err != nil {
		return err
	}
	s.goAway()
	if err := r.until("an outage is recognised", func() bool { return strings.Contains(r.output.String(), "nothing gets through") }); err != nil {
		return err
	}
	return errors.Join(r.endBy(signal), s.comeBack())
}

// signalInIndex sends the signal to a run that reads a long report.
func (s *scenario) signalInIndex(signal syscall.Signal) error {
	if err := s.pretendDone(len(s.rows) - 100); err != nil {
		return err
	}
	before, err := os.ReadFile(s.path("users.report.csv"))
	if err != nil {
		return err
	}
	status, seen, _, err := s.under(strike{
		calls: []uint64{syscall.SYS_PREAD64}, file: "users.report.csv", nth: 5,
		do: func(pid int) { _ = syscall.Kill(pid, signal) },
	}, 500, "--resume")
	if err != nil {
		return err
	}
	if calls := s.server.Counts().Calls; calls > 0 || seen < 5 {
		return fmt.Errorf("%d calls, %d reads", calls, seen)
	}
	if after, err := os.ReadFile(s.path("users.report.csv")); err != nil || !bytes.Equal(before, after) {
		return errors.Join(err, errors.New("the report was changed"))
	}
	return endedBy(status, signal)
}

// signalAtTheEnd sends the signal to a run that stands before its last syncs:
// with everything done there is nothing left to be interrupted.
func (s *scenario) signalAtTheEnd(signal syscall.Signal) error {
	sent := false
	status, _, _, err := s.under(strike{
		calls: []uint64{syscall.SYS_FSYNC}, nth: 1, onward: true,
		do: func(pid int) {
			if !sent && s.lines() == len(s.rows) {
				sent = true
				_ = syscall.Kill(pid, signal)
			}
		},
	}, 500)
	if err == nil && (!sent || status.ExitStatus() != exitUnsuccess) {
		err = fmt.Errorf("%s, signal sent: %v", describe(status), sent)
	}
	return err
}
