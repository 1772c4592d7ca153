//go:build faults && linux && amd64

package faults

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// TestFaultsSignals sends every signal that ends a run, in every phase of it. A
// run that ends cleanly has lost nothing: no row is asked for again.
func TestFaultsSignals(t *testing.T) {
	t.Parallel()
	needTracing(t)
	var cases []faultCase
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		for _, c := range []faultCase{
			{name: "reading the report", rows: 50_000, play: func(s *scenario) error { return s.signalWhileReading(signal) }},
			{name: "waiting for a token", rows: 100, play: func(s *scenario) error {
				return s.signalWhen(signal, 0.1, "the first answer is in the report", func() bool {
					return s.sent() == 1 && s.inFlight() == 0
				})
			}},
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
		} {
			c.name += ": " + signal.String()
			cases = append(cases, c)
		}
	}
	playAll(t, 4, cases)
}

// signalWhen sends a signal as soon as a condition is true.
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

func (s *scenario) callsFor(username string) int {
	n := 0
	for _, call := range s.server.Calls() {
		if call.Username == username {
			n++
		}
	}
	return n
}

// signalThenKill does what a machine does when it shuts down.
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

// signalWhileGone sends the signal to a run whose server has gone.
func (s *scenario) signalWhileGone(signal syscall.Signal) error {
	quiet := s.flags
	s.flags = nil // progress shows when an outage is recognised
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

// signalWhileReading sends the signal to a run that reads a long report.
func (s *scenario) signalWhileReading(signal syscall.Signal) error {
	if err := s.pretendDone(len(s.rows) - 100); err != nil {
		return err
	}
	before, err := os.ReadFile(s.path("users.report.csv"))
	if err != nil {
		return err
	}
	status, seen, _, err := s.under(strike{
		calls: []uint64{syscall.SYS_READ, syscall.SYS_PREAD64}, file: "users.report.csv", nth: 5,
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

// pretendDone writes the report of a run that has done n rows, and puts the users
// into the state that it would have left.
func (s *scenario) pretendDone(n int) error {
	var text bytes.Buffer
	out := csv.NewWriter(&text)
	out.Write(strings.Split(reportHeader, ","))
	for _, row := range s.rows[:n] {
		attempts := "1"
		switch row.status {
		case "invalid":
			attempts = "0"
		case "confirmed", "trigger_failed":
			s.server.AddUser(row.username, fakecognito.Confirmed)
		}
		out.Write([]string{strconv.Itoa(row.line), row.username, row.status, "", "", attempts, "0", "", "", "1", "", userPoolID})
	}
	out.Flush()
	return cmp.Or(out.Error(), os.WriteFile(s.path("users.report.csv"), text.Bytes(), 0o600),
		os.WriteFile(s.path("users.report.csv.endpoint"), []byte(s.url+"\n"), 0o600))
}

// signalAtTheEnd sends the signal to a run that is about to make its last syncs.
// Nothing is left to interrupt, so the run ends as without the signal.
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
