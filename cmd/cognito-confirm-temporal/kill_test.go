//go:build kill

package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/program"
)

// harm is one way in which a run is disturbed, and what is promised about it.
type harm struct {
	users int
	rate  string
	// mixed: one row in 260 each has no user, is answered with an error first, or loses its answer.
	mixed bool
	// alone: it is a run of cognito-confirm, without an engine, to compare with.
	alone bool
	// do disturbs the run, which has begun.
	do func(s *stage)
	// extra is how many calls may be made again, gap how long nobody may send.
	extra int
	gap   time.Duration
}

// failover is how long it may take until somebody else sends.
const failover = 20 * time.Second

func harms() map[string]harm {
	times := func(n int, do func(s *stage, i int)) func(*stage) {
		return func(s *stage) {
			for i := range n {
				s.afterCalls(len(s.calls()) + 150)
				do(s, i)
			}
		}
	}
	return map[string]harm{
		"none, rate 38":    {users: 4000, rate: "38", do: func(*stage) {}, gap: 2 * time.Second},
		"none, rate auto":  {users: 4000, rate: "auto", do: func(*stage) {}, gap: 5 * time.Second},
		"alone, rate 38":   {users: 4000, rate: "38", alone: true, gap: 2 * time.Second},
		"alone, rate auto": {users: 4000, rate: "auto", alone: true, gap: 5 * time.Second},
		"kill -9 of the sender x5": {users: 3000, rate: "auto", mixed: true, extra: 20, gap: failover, do: times(5, func(s *stage, _ int) {
			at := s.killSender()
			s.addWorker()
			s.callAfter(at)
		})},
		"kill -9 of the engine x3": {users: 3000, rate: "auto", mixed: true, gap: 5 * time.Second, do: times(3, func(s *stage, _ int) {
			s.engine.kill()
			s.startEngine()
		})},
		"kill -9 of everything x2": {users: 3000, rate: "auto", mixed: true, extra: 8, gap: failover + 10*time.Second, do: times(2, func(s *stage, _ int) {
			for pid, p := range s.workers {
				p.kill()
				delete(s.workers, pid)
			}
			s.engine.kill()
			at := time.Now()
			s.startEngine()
			s.addWorker()
			s.addWorker()
			s.callAfter(at)
		})},
		"the sender is frozen for 40 s x2": {users: 4000, rate: "auto", extra: 12, gap: failover, do: times(2, func(s *stage, _ int) {
			p := s.workers[s.sender()]
			p.signal(syscall.SIGSTOP)
			time.Sleep(40 * time.Second)
			p.signal(syscall.SIGCONT)
		})},
		"the engine is frozen for 40 s": {users: 3000, rate: "auto", gap: 2 * failover, do: times(1, func(s *stage, _ int) {
			s.engine.signal(syscall.SIGSTOP)
			time.Sleep(40 * time.Second)
			s.engine.signal(syscall.SIGCONT)
		})},
		"SIGTERM of the sender x3": {users: 3000, rate: "auto", gap: 10 * time.Second, do: times(3, func(s *stage, _ int) {
			s.addWorker()
			pid := s.sender()
			p := s.workers[pid]
			delete(s.workers, pid)
			p.signal(syscall.SIGTERM)
			<-p.ended
		})},
		"the engine's database is lost": {users: 3000, rate: "auto", gap: time.Minute, do: times(1, func(s *stage, _ int) {
			s.engine.kill()
			databases, _ := filepath.Glob(s.path("engine.db*"))
			for _, path := range databases {
				os.Remove(path)
			}
			time.Sleep(failover) // for the sender to have stopped
			s.startEngine()
			s.start("auto")
		})},
	}
}

// rare: of so many rows, one each is not ordinary. Where far more calls fail, the
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

func (s *stage) start(rate string) {
	s.t.Helper()
	s.mustCommand(program.Done, "start", "users.csv", "--rate", rate, "--chunk-rows", "1000", "--continue-after", "3")
}

// runAlone confirms the users with cognito-confirm.
func (s *stage) runAlone(rate string) (status int, output string) {
	s.t.Helper()
	program, err := filepath.Abs("../../bin/cognito-confirm")
	if err == nil {
		err = os.MkdirAll(s.path("store/alone"), 0o700)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	p := s.begin(os.Environ(), program, "run", "users.csv", "--user-pool-id", testPool, "--endpoint-url", s.url, "--rate", rate, "--report", "store/alone/report.csv")
	<-p.ended
	return p.command.ProcessState.ExitCode(), p.output.String()
}

// TestKill is the matrix: a quota of 50 calls a second with 10 tokens, of which live
// traffic takes 10.
func TestKill(t *testing.T) {
	for name, h := range harms() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, fakecognito.Options{
				Quota: fakecognito.Quota{Rate: 50, Burst: 10}, HideQuota: true, Live: 10,
				Latency: 20 * time.Millisecond, LatencyJitter: 40 * time.Millisecond,
			}, h.users)
			fate := once
			if h.mixed {
				fate = s.fates(h.users)
			}
			var status int
			var output string
			if h.alone {
				status, output = s.runAlone(h.rate)
			} else {
				s.addWorker()
				s.addWorker()
				s.start(h.rate)
				h.do(s)
				status, output = s.command("wait")
			}
			if want := map[bool]int{false: program.Done, true: program.Unsuccessful}[h.mixed]; status != want {
				t.Fatalf("the run ends with %d:\n%s\n%s", status, output, s.tell())
			}
			r := s.look(h.users, fate)
			r.wantWhole(t)
			if r.extra > h.extra || r.longestGap > h.gap {
				t.Errorf("%d calls made again, %v without a call; want at most %d and %v", r.extra, r.longestGap, h.extra, h.gap)
			}
			counts := s.pool.Counts()
			calls := s.calls()
			took := calls[len(calls)-1].Received.Sub(calls[0].Received).Seconds()
			t.Logf("%.1f rows/s; throttled %.2f %% of ours, %.2f %% of live", float64(r.users)/took,
				100*float64(r.throttled)/float64(max(1, r.throttled+r.accepted)), 100*float64(counts.LiveThrottled)/float64(max(1, counts.LiveCalls)))
		})
	}
}
