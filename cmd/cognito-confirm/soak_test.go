//go:build soak

package main

import (
	"context"
	"flag"
	"fmt"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

var soakDuration = flag.Duration("soak.duration", 10*time.Minute, "how long the soak is to last")

const (
	// soakRate is the rate of the runs, in calls a second; soakLive that of
	// the sign-ups beside them. soakQuota has room for both.
	soakRate, soakLive, soakQuota = 1000, 200, 1300
	// soakKill is when a run is killed, to be resumed.
	soakKill = time.Minute
	// soakTimeout is the runs' --timeout.
	soakTimeout = 2 * time.Second
)

// TestSoak runs at 1,000 calls a second beside live traffic, with a hundredth
// of the calls going wrong in each of the ways there are, and kills and
// resumes the run each minute. Nothing may grow, and the oracle holds.
func TestSoak(t *testing.T) {
	rows := int(soakDuration.Seconds() * soakRate)
	s, err := newScenario(t, buildProgram(t), rows, fakecognito.Options{
		Quota: fakecognito.Quota{Rate: soakQuota}, Live: soakLive,
		Latency: 5 * time.Millisecond, LatencyJitter: 30 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	s.concurrency, s.timeout = 256, soakTimeout
	for _, kind := range soakFaults() {
		for _, fault := range kind {
			s.server.SetFaultShare(0.01/float64(len(kind)), fault)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go s.server.RunLive(ctx)

	var runs []usage
	started := time.Now()
	for finished := false; !finished; {
		var used usage
		if used, finished, err = s.soak(); err != nil {
			t.Fatalf("%v\n%s", err, &s.log)
		}
		runs = append(runs, used)
		counts := s.server.Counts()
		t.Logf("%6v: %d calls, %d faults, %d confirmed; %d live, %d of them throttled; the run used %v",
			time.Since(started).Round(time.Second), counts.Calls, counts.Faults, counts.Confirmed, counts.LiveCalls, counts.LiveThrottled, used)
	}
	verdict, err := s.judge()
	t.Logf("%d deaths, %d rows, %d calls for rows that were done, %d rows lost", s.deaths, verdict.rows, verdict.repeated, verdict.lost)
	if err != nil {
		t.Errorf("%v\n%s", err, &s.log)
	}
	if counts := s.server.Counts(); counts.LiveThrottled*100 > counts.LiveCalls {
		t.Errorf("%d of %d live sign-ups were throttled", counts.LiveThrottled, counts.LiveCalls)
	}
	// A connection for every call, and the files.
	wantFlat(t, runs, s.concurrency+20)
}

// soakFaults lists the faults of each kind. Throttles are one: when 2 % of the
// calls are throttled, whatever the rate, it is for the limiter to make way.
func soakFaults() [][]fakecognito.Fault {
	return [][]fakecognito.Fault{
		{{Code: "InternalErrorException"}},
		{{Code: "TooManyRequestsException"}, {Kind: fakecognito.FaultHTTP, Code: "429"}},
		{{Kind: fakecognito.FaultHTTP, Code: "503"}},
		{{Kind: fakecognito.FaultReset}},
		{{Kind: fakecognito.FaultReset, Confirms: true}},
		{{Kind: fakecognito.FaultTruncated}},
		{{Kind: fakecognito.FaultHang, Confirms: true}},
		{{Kind: fakecognito.FaultSlow, Delay: 2 * soakTimeout}},
	}
}

// soak resumes the scenario, until the end or for a minute.
func (s *scenario) soak() (used usage, finished bool, err error) {
	r, err := s.begin(soakRate, "--resume")
	if err != nil {
		return usage{}, false, err
	}
	killed := time.NewTimer(soakKill)
	defer killed.Stop()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for running := true; running; {
		select {
		case <-tick.C:
			used.add(r.Process.Pid)
		case <-killed.C:
			_ = r.Process.Kill()
			running = false
		case <-r.ended:
			running = false
		}
	}
	status, err := r.wait()
	if err == nil && status.Exited() && status.ExitStatus() != exitUnsuccess {
		err = fmt.Errorf("%s", describe(status))
	}
	return used, status.Exited(), err
}
