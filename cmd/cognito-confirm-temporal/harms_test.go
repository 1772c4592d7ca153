//go:build kill

package main

import (
	"os"
	"path/filepath"
	"time"

	"cognito-confirm/internal/program"
	"cognito-confirm/internal/store"
)

// harm is one way in which a run is disturbed, and what is promised about it.
type harm struct {
	users int
	rate  string
	// quota is that of the pool, without live traffic. Zero: 50 with live traffic.
	quota float64
	// chunkRows is how many rows a chunk has. Zero: 1000.
	chunkRows int
	// mixed: one row in 260 each has no user, is answered with an error first, or loses its answer.
	mixed bool
	// bucket: the store is in S3, and each worker has a disk of its own.
	bucket bool
	// compared: cognito-confirm does the same beside it, without an engine. The run may be
	// slower by a share.
	compared bool
	slower   float64
	// do disturbs the run, which has begun.
	do func(s *stage)
	// extra is how many calls may be made again, gap how long nobody may send.
	extra int
	gap   time.Duration
}

const (
	// failover is how long it may take until somebody else sends.
	failover = 20 * time.Second
	// lostCalls are those that one death may cost with a store in S3: journals go there
	// every 2 s, at up to 40 calls a second, and a part of 2 s may be on its way.
	lostCalls = 160
)

func harms() map[string]harm {
	undisturbed := func(*stage) {}
	killSender := func(s *stage, _ int) {
		at := s.killSender()
		s.addWorker()
		s.callAfter(at)
	}
	stopSender := func(s *stage, _ int) {
		s.addWorker()
		s.stopWorker(s.sender())
	}
	freezeSender := func(s *stage, _ int) {
		p := s.workers[s.sender()]
		at := time.Now()
		s.interrupted(p.name, at, at)
		p.freeze(2 * failover)
	}
	return map[string]harm{
		"none, rate 38":                {users: 4000, rate: "38", chunkRows: 3000, compared: true, slower: 0.03, do: undisturbed, gap: 2 * time.Second},
		"none, rate auto":              {users: 4000, rate: "auto", chunkRows: 3000, compared: true, slower: 0.1, do: undisturbed, gap: 5 * time.Second},
		"none, quota 500":              {users: 30_000, rate: "auto", quota: 500, chunkRows: 10_000, compared: true, slower: 0.1, do: undisturbed, gap: 2 * time.Second},
		"kill -9 of the sender x5":     {users: 3000, rate: "auto", mixed: true, extra: 20, gap: failover, do: times(5, killSender)},
		"S3, kill -9 of the sender x5": {users: 3000, rate: "auto", mixed: true, bucket: true, extra: 5 * lostCalls, gap: failover, do: times(5, killSender)},
		"kill -9 of the engine x3": {users: 3000, rate: "auto", mixed: true, gap: 5 * time.Second, do: times(3, func(s *stage, _ int) {
			s.engine.kill()
			s.startEngine()
		})},
		"kill -9 of everything x2": {users: 3000, rate: "auto", mixed: true, extra: 8, gap: failover + 10*time.Second, do: times(2, func(s *stage, _ int) {
			for pid := range s.workers {
				s.killWorker(pid)
			}
			s.engine.kill()
			at := time.Now()
			s.startEngine()
			s.addWorker()
			s.addWorker()
			s.callAfter(at)
		})},
		"the sender is frozen for 40 s x2":     {users: 4000, rate: "auto", extra: 12, gap: failover, do: times(2, freezeSender)},
		"S3, the sender is frozen for 40 s x2": {users: 4000, rate: "auto", bucket: true, extra: 2 * lostCalls, gap: failover, do: times(2, freezeSender)},
		"the engine is frozen for 40 s": {users: 3000, rate: "auto", gap: 2 * failover, do: times(1, func(s *stage, _ int) {
			from, to := s.engine.freeze(2 * failover)
			s.interrupted("", from, to)
			s.wantSilence(from.Add(store.LeaseLength+callEnds), to)
		})},
		"SIGTERM of the sender x3":                    {users: 3000, rate: "auto", gap: 10 * time.Second, do: times(3, stopSender)},
		"SIGTERM of the sender x10, chunks of 8 rows": {users: 3000, rate: "auto", chunkRows: 8, gap: 10 * time.Second, do: times(10, stopSender)},
		"the engine's database is lost": {users: 3000, rate: "auto", gap: time.Minute, do: times(1, func(s *stage, _ int) {
			at := time.Now()
			s.engine.kill()
			databases, _ := filepath.Glob(s.path("engine.db*"))
			for _, path := range databases {
				os.Remove(path)
			}
			time.Sleep(failover) // for the sender to have stopped
			s.startEngine()
			harm{rate: "auto"}.start(s)
			s.interrupted("", at, time.Now())
		})},
		"pause, resume, rates 20, 38, 10 and auto": {users: 3000, rate: "20", gap: 15 * time.Second, do: func(s *stage) {
			s.afterCalls(50)
			s.wantRate(time.Now(), 20)
			s.wantRate(s.order("rate", "38"), 38)
			s.wantRate(s.order("rate", "10"), 10)
			paused := s.order("pause")
			time.Sleep(10 * time.Second)
			s.wantSilence(paused, time.Now())
			if took := s.callAfter(s.order("resume")); took > 2*time.Second {
				s.t.Errorf("the first call comes %v after the pause", took)
			}
			s.order("rate", "auto")
		}},
	}
}

// times disturbs a run n times, whenever it has made some more calls.
func times(n int, do func(s *stage, i int)) func(*stage) {
	return func(s *stage) {
		for i := range n {
			s.afterCalls(len(s.calls()) + 150)
			do(s, i)
		}
	}
}

// order asks the run for something else. A heartbeat and the end of the calls on their
// way are what that may take. It returns when it was done.
func (s *stage) order(arguments ...string) (done time.Time) {
	s.t.Helper()
	from := time.Now()
	s.mustCommand(program.Done, arguments...)
	done = time.Now()
	s.interrupted("", from, done)
	took := done.Sub(from)
	s.t.Logf("%v: done after %.1f s", arguments, took.Seconds())
	if took > beatEvery+3*time.Second {
		s.t.Errorf("%v takes %v", arguments, took)
	}
	return done
}

// wantRate waits, and wants as many calls a second from 2 s after a time on.
func (s *stage) wantRate(from time.Time, rate int) {
	s.t.Helper()
	const seconds = 4
	from = from.Add(2 * time.Second)
	to := from.Add(seconds * time.Second)
	time.Sleep(time.Until(to))
	calls := s.callsBetween(from, to)
	s.t.Logf("at rate %d: %.1f calls a second", rate, float64(calls)/seconds)
	if want := seconds * rate; calls > want+want/10 || calls < want/2 {
		s.t.Errorf("%d calls in %d s, want %d", calls, seconds, want)
	}
}

// wantSilence fails if calls arrived between two times.
func (s *stage) wantSilence(from, to time.Time) {
	s.t.Helper()
	if calls := s.callsBetween(from, to); calls > 0 {
		s.t.Errorf("%d calls in %v in which nobody may call", calls, to.Sub(from))
	}
}

func (s *stage) callsBetween(from, to time.Time) (calls int) {
	for _, call := range s.calls() {
		if call.Received.After(from) && call.Received.Before(to) {
			calls++
		}
	}
	return calls
}
