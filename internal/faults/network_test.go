//go:build faults && linux && amd64

package faults

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// TestFaultsNetwork breaks the network and the service in every way in which
// real ones break. The runs survive, so the oracle accepts only the outcome of an
// undisturbed run: no row fails because of it.
func TestFaultsNetwork(t *testing.T) {
	t.Parallel()
	share := func(faults ...fakecognito.Fault) func(*scenario) error {
		return func(s *scenario) error { return s.throughFaults(faults) }
	}
	playAll(t, 4, []faultCase{
		{name: "reset before the confirmation", rows: 1500, play: share(fakecognito.Fault{Kind: fakecognito.FaultReset})},
		{name: "reset after the confirmation", rows: 1500, play: share(fakecognito.Fault{Kind: fakecognito.FaultReset, Confirms: true})},
		{name: "answers cut in the middle", rows: 1500, play: share(fakecognito.Fault{Kind: fakecognito.FaultTruncated})},
		{name: "answers after the timeout", rows: 1500, play: share(fakecognito.Fault{Kind: fakecognito.FaultSlow, Delay: 2 * faultsTimeout})},
		{name: "no answers", rows: 1500, play: share(fakecognito.Fault{Kind: fakecognito.FaultHang, Confirms: true})},
		{name: "pages in place of answers", rows: 1500, play: share(
			fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "503"}, fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "200", Confirms: true})},
		{name: "all of these together", rows: 3000, play: share(
			fakecognito.Fault{Kind: fakecognito.FaultReset}, fakecognito.Fault{Kind: fakecognito.FaultReset, Confirms: true},
			fakecognito.Fault{Kind: fakecognito.FaultTruncated}, fakecognito.Fault{Kind: fakecognito.FaultHang},
			fakecognito.Fault{Code: "InternalErrorException"}, fakecognito.Fault{Code: "TooManyRequestsException"},
			fakecognito.Fault{Kind: fakecognito.FaultSlow, Delay: 2 * faultsTimeout})},
		{name: "server gone and back", rows: 900, play: func(s *scenario) error { return s.throughAbsence(3, 3*time.Second) }},
		{name: "errors for everything", rows: 900, play: func(s *scenario) error {
			return s.throughOutage(fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "503"}, 15)
		}},
		{name: "resets of everything", rows: 900, play: func(s *scenario) error {
			return s.throughOutage(fakecognito.Fault{Kind: fakecognito.FaultReset, Confirms: true}, 15)
		}},
		{name: "silence", rows: 900, play: func(s *scenario) error {
			return s.throughOutage(fakecognito.Fault{Kind: fakecognito.FaultHang}, 20)
		}},
		{name: "errors for the only row in flight", rows: 400, play: func(s *scenario) error {
			s.concurrency = 1
			return s.throughOutage(fakecognito.Fault{Code: "InternalErrorException"}, 12, "--max-attempts", "6")
		}},
		{name: "a few errors for the only row in flight", rows: 400, play: func(s *scenario) error {
			s.concurrency = 1
			return s.throughOutage(fakecognito.Fault{Code: "InternalErrorException"}, 6, "--max-attempts", "3")
		}},
		{name: "errors for one row while others succeed", rows: 400, play: func(s *scenario) error {
			s.rows[0].status = "failed"
			s.server.SetFault(s.rows[0].username, fakecognito.Fault{Code: "InternalErrorException"})
			return s.toTheEnd(s.begin(100, "--max-attempts", "3"))
		}},
		{name: "a small quota", rows: 900, pool: fakecognito.Options{Quota: fakecognito.Quota{Rate: 100, Burst: 1}}, play: func(s *scenario) error {
			return s.toTheEnd(s.begin(1000))
		}},
		{name: "a quota of zero", rows: 900, play: func(s *scenario) error {
			defer s.server.SetQuota(fakecognito.Quota{})
			return s.untilStall("TooManyRequestsException", func() { s.server.SetQuota(fakecognito.Quota{Blocked: true}) })
		}},
		{name: "errors until the stall timeout", rows: 900, play: func(s *scenario) error {
			defer s.healUsers()
			return s.untilStall("InternalErrorException", func() { s.server.SetFaultShare(1, fakecognito.Fault{Code: "InternalErrorException"}) })
		}},
		{name: "server gone until the stall timeout", rows: 900, play: func(s *scenario) error {
			return errors.Join(s.untilStall("no call got through", s.goAway), s.comeBack())
		}},
		{name: "the permission is taken away", rows: 900, play: func(s *scenario) error {
			defer s.healUsers()
			return s.untilStopped("AccessDeniedException", func() { s.server.SetFaultShare(1, fakecognito.Fault{Code: "AccessDeniedException"}) })
		}},
	})
}

// faultsTimeout is the --timeout of runs whose server may be silent.
const faultsTimeout = time.Second

// shortTimeout sets the timeout for servers that may be silent. On a busy machine
// an answer may come too late for it.
func (s *scenario) shortTimeout() {
	s.timeout = faultsTimeout
	s.unheard += s.concurrency
}

// throughFaults makes three calls in a hundred go wrong. Many more of them would
// slow the run down, as an overload must.
func (s *scenario) throughFaults(faults []fakecognito.Fault) error {
	s.shortTimeout()
	for _, fault := range faults {
		s.server.SetFaultShare(0.03/float64(len(faults)), fault)
	}
	defer s.healUsers()
	return s.toTheEnd(s.begin(500))
}

// goAway closes the stand-in's port and every connection.
func (s *scenario) goAway() {
	s.unheard += s.concurrency
	s.stop()
}

// comeBack serves on the same port again.
func (s *scenario) comeBack() error {
	return s.serveOn(strings.TrimPrefix(s.url, "http://"))
}

// throughAbsence takes the server away several times.
func (s *scenario) throughAbsence(times int, absence time.Duration) error {
	r, err := s.begin(150)
	if err != nil {
		return err
	}
	for i := range times {
		if err := r.until("some rows are done", func() bool { return s.lines() > 200*(i+1) }); err != nil {
			return err
		}
		s.goAway()
		back := time.Now().Add(absence)
		if err := r.until("the server is back", func() bool { return time.Now().After(back) }); err != nil {
			return err
		}
		if err := s.comeBack(); err != nil {
			return err
		}
	}
	return s.toTheEnd(r, nil)
}

// throughOutage lets calls go wrong from the middle of the run on: the first ten
// make an outage, the others are probes.
func (s *scenario) throughOutage(fault fakecognito.Fault, calls int, flags ...string) error {
	s.shortTimeout()
	r, err := s.begin(150, flags...)
	if err != nil {
		return err
	}
	if err := r.until("some rows are done", func() bool { return s.lines() > 200 }); err != nil {
		return err
	}
	fault.Times = calls
	s.server.SetFaultShare(1, fault)
	return s.toTheEnd(r, nil)
}

// untilStall lets nothing through from the middle of the run on.
func (s *scenario) untilStall(reason string, block func()) error {
	return s.untilStopped(reason, block, "--stall-timeout", "2s")
}

// untilStopped waits for the run to stop by itself for a reason.
func (s *scenario) untilStopped(reason string, happen func(), flags ...string) error {
	r, err := s.begin(300, flags...)
	if err != nil {
		return err
	}
	if err := r.until("some rows are done", func() bool { return s.lines() > 200 }); err != nil {
		return err
	}
	happen()
	status, err := r.wait()
	if err != nil {
		return err
	}
	if status.ExitStatus() != exitStopped || !strings.Contains(r.output.String(), reason) || !strings.Contains(r.output.String(), "--resume") {
		return fmt.Errorf("%s, want %d, %q and how to resume", describe(status), exitStopped, reason)
	}
	if s.lines() == len(s.rows) {
		return errors.New("every row is in the report of a run that was stopped")
	}
	return nil
}
