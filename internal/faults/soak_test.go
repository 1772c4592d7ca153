//go:build soak && linux

package faults

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

var soakDuration = flag.Duration("soak.duration", 10*time.Minute, "how long the soak is to last")

const (
	// soakRate is the rate of the runs, in calls a second; soakLive that of
	// the sign-ups beside them. soakQuota has room for both.
	soakRate, soakLive, soakQuota = 1000, 200, 1300
	// soakShare is the share of the calls that goes wrong in each way. Together they
	// are 2 %: more of them slow a run down.
	soakShare = 0.0025
	// soakKill is when a run is killed, to be resumed.
	soakKill = time.Minute
	// soakTimeout is the runs' --timeout.
	soakTimeout = 2 * time.Second
)

// TestSoak runs at 1,000 calls a second beside live traffic. One call in 400
// goes wrong in each way that there is, and each minute the run is killed and
// resumed. No resource may grow, and the oracle judges the result.
func TestSoak(t *testing.T) {
	rows := int(soakDuration.Seconds() * soakRate)
	s, err := newScenario(t, rows, fakecognito.Options{
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
			s.server.SetFaultShare(soakShare/float64(len(kind)), fault)
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
	judged, err := s.judge()
	t.Logf("%d deaths, %d rows, %d calls for rows that were done, %d rows lost", s.deaths, judged.rows, judged.repeated, judged.lost)
	if err != nil {
		t.Errorf("%v\n%s", err, &s.log)
	}
	if counts := s.server.Counts(); counts.LiveThrottled*100 > counts.LiveCalls {
		t.Errorf("%d of %d live sign-ups were throttled", counts.LiveThrottled, counts.LiveCalls)
	}
	// A connection for every call, and the files.
	wantFlat(t, runs, s.concurrency+20)
}

// soakFaults lists the faults of each kind. Throttles are one kind only: where 2 %
// of the calls are throttled at any rate, the limiter rightly slows down.
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

// soak resumes the scenario, for a minute or to its end.
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

// usage is what a run used, sampled each second.
type usage struct {
	memory, descriptors, threads []int // memory is VmRSS, in kB
}

// add takes a sample, unless the process has just ended.
func (u *usage) add(pid int) {
	directory := fmt.Sprintf("/proc/%d/", pid)
	descriptors, err := os.ReadDir(directory + "fd")
	if err != nil || len(descriptors) == 0 {
		return
	}
	status, err := os.Open(directory + "status")
	if err != nil {
		return
	}
	defer status.Close()
	values := make(map[string]int)
	for lines := bufio.NewScanner(status); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ":")
		if fields := strings.Fields(value); len(fields) > 0 {
			values[name], _ = strconv.Atoi(fields[0])
		}
	}
	if values["VmRSS"] == 0 {
		return
	}
	u.memory = append(u.memory, values["VmRSS"])
	u.descriptors = append(u.descriptors, len(descriptors))
	u.threads = append(u.threads, values["Threads"])
}

func (u usage) String() string {
	if len(u.memory) == 0 {
		return "no samples"
	}
	return fmt.Sprintf("%d to %d MB, %d to %d descriptors, %d to %d threads",
		slices.Min(u.memory)>>10, slices.Max(u.memory)>>10,
		slices.Min(u.descriptors), slices.Max(u.descriptors), slices.Min(u.threads), slices.Max(u.threads))
}

// warmUp is the number of samples until a run has its connections.
const warmUp = 10

// wantFlat compares the second half of every run with its first half, and the last
// long run with the first one. Descriptors come and go with the calls in flight, so
// they have a bound instead.
func wantFlat(t *testing.T, runs []usage, mostDescriptors int) {
	t.Helper()
	for _, run := range runs {
		if most := slices.Max(append(run.descriptors, 0)); most > mostDescriptors {
			t.Errorf("%d descriptors, want at most %d", most, mostDescriptors)
		}
		if most := slices.Max(append(run.memory, 0)); most > 96<<10 {
			t.Errorf("%d kB of memory, want at most 96 MiB", most)
		}
	}
	runs = slices.DeleteFunc(runs, func(u usage) bool { return len(u.memory) < 3*warmUp })
	if len(runs) == 0 {
		t.Log("no run was long enough to show whether its usage grows")
		return
	}
	for _, kind := range []struct {
		name  string
		of    func(usage) []int
		slack int
	}{
		// The collector lets memory rise to a few times what is alive, which is more
		// while more calls are in flight.
		{"kB of memory", func(u usage) []int { return u.memory }, 24 << 10},
		{"threads", func(u usage) []int { return u.threads }, 4},
	} {
		grown := func(when string, before, after []int) {
			if was, is := slices.Max(before), slices.Max(after); is > was+was/4+kind.slack {
				t.Errorf("%s: from %d to %d %s", when, was, is, kind.name)
			}
		}
		for i, run := range runs {
			samples := kind.of(run)[warmUp:]
			grown(fmt.Sprintf("run %d", i+1), samples[:len(samples)/2], samples[len(samples)/2:])
		}
		grown("over all runs", kind.of(runs[0]), kind.of(runs[len(runs)-1]))
	}
}
