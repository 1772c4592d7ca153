//go:build kill

package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/program"
)

// rare: of every 260 rows, one meets each fault. Where far more calls fail, the
// controller takes it for the quota.
const rare = 260

// fates sets what happens to each user, and returns how many calls that takes.
func (s *stage) fates(users int) func(user int) (calls int) {
	for i := range users {
		once := fakecognito.Fault{Times: 1}
		switch i % rare {
		case 0:
			s.pool.SetFault(userName(i), fakecognito.Fault{Code: "UserNotFoundException"})
		case 1:
			s.pool.SetFault(userName(i), fakecognito.Fault{Code: "InternalErrorException", Times: 2})
		case 2:
			once.Kind, once.Code = fakecognito.FaultHTTP, "503"
			s.pool.SetFault(userName(i), once)
		case 3:
			once.Kind = fakecognito.FaultReset
			s.pool.SetFault(userName(i), once)
		case 4:
			once.Kind = fakecognito.FaultTruncated
			s.pool.SetFault(userName(i), once)
		case 5:
			s.pool.AddUser(userName(i), fakecognito.Confirmed)
		}
	}
	return func(i int) int {
		switch i % rare {
		case 1:
			return 3
		case 2, 3, 4:
			return 2
		}
		return 1
	}
}

func (h harm) chunk() int { return cmp.Or(h.chunkRows, 1000) }

func (h harm) start(s *stage) {
	s.t.Helper()
	s.mustCommand(program.Done, "start", "users.csv", "--rate", h.rate, "--chunk-rows", fmt.Sprint(h.chunk()), "--continue-after", "3")
}

// newStage returns one with the quota of the matrix: 50 calls a second with 10 tokens,
// of which live traffic takes 10, unless the case has another one.
func (h harm) newStage(t *testing.T) *stage {
	o := fakecognito.Options{
		Quota: fakecognito.Quota{Rate: 50, Burst: 10}, HideQuota: true, Live: 10,
		Latency: 20 * time.Millisecond, LatencyJitter: 40 * time.Millisecond,
	}
	if h.quota > 0 {
		o.Quota, o.Live = fakecognito.Quota{Rate: h.quota, Burst: h.quota / 5}, 0
	}
	return newStage(t, o, h.users)
}

// beginAlone has cognito-confirm confirm the users, without an engine.
func (h harm) beginAlone(s *stage) *process {
	s.t.Helper()
	path, err := filepath.Abs("../../bin/cognito-confirm")
	if err == nil {
		err = os.MkdirAll(s.path("store/alone"), 0o700)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return s.begin(os.Environ(), path, "run", "users.csv", "--user-pool-id", testPool, "--endpoint-url", s.url, "--rate", h.rate, "--report", "store/alone/report.csv")
}

// judge compares what a run came to with what is promised.
func (h harm) judge(s *stage, who string, fate func(user int) (calls int)) (rowsPerSecond float64) {
	s.t.Helper()
	r := s.look(h.users, fate)
	r.wantWhole(s.t)
	if r.extra > h.extra || r.longestGap > h.gap {
		s.t.Errorf("%s: %d calls made again, %v without a call; want at most %d and %v", who, r.extra, r.longestGap, h.extra, h.gap)
	}
	counts, calls := s.pool.Counts(), s.calls()
	rowsPerSecond = float64(r.users) / calls[len(calls)-1].Received.Sub(calls[0].Received).Seconds()
	s.t.Logf("%s: %.1f rows/s; throttled %.2f %% of ours, %.2f %% of live", who, rowsPerSecond,
		100*float64(r.throttled)/float64(max(1, r.throttled+r.accepted)), 100*float64(counts.LiveThrottled)/float64(max(1, counts.LiveCalls)))
	return rowsPerSecond
}

// TestKill is the matrix.
func TestKill(t *testing.T) {
	for name, h := range harms() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := h.newStage(t)
			if h.bucket {
				s.useBucket()
			}
			fate := once
			if h.mixed {
				fate = s.fates(h.users)
			}
			s.startEngine()
			s.addWorker()
			s.addWorker()
			var other *stage
			var alone *process
			if h.compared {
				other = h.newStage(t)
				alone = h.beginAlone(other)
			}
			h.start(s)
			h.do(s)
			status, output := s.command("wait")
			if want := map[bool]int{false: program.Done, true: program.Unsuccessful}[h.mixed]; status != want {
				t.Fatalf("the run ends with %d:\n%s\n%s", status, output, s.tell())
			}
			speed := h.judge(s, "under Temporal", fate)
			changes, breaks := oneSender(s.calls(), h.chunk(), s.harms)
			t.Logf("the sender has changed %d times", changes)
			for _, text := range breaks {
				t.Error(text)
			}
			if !h.compared {
				return
			}
			<-alone.ended
			if single := h.judge(other, "alone", fate); speed < single*(1-h.slower) {
				t.Errorf("%.1f rows a second, %.1f alone: want at most %.0f %% less", speed, single, 100*h.slower)
			}
		})
	}
}
