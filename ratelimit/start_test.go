package ratelimit

import (
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A machine that goes on from another's State does what the other would have
// done, except that a climb begins again from where it was.
func TestResume(t *testing.T) {
	tests := []struct {
		name   string
		m      machine
		phase  phase
		climbs bool // later than the other
	}{
		{"finding", newMachine(0, Polite).with(func(m *machine) { m.rate = 70 }), finding, false},
		{"settling", in(settling, time.Second, 725).with(func(m *machine) { m.from = 500 }), settling, true},
		{"settling on an unproven ceiling", in(settling, 0, 500).with(func(m *machine) { m.proven, m.trust, m.probes = false, provenTime, 0 }), settling, false},
		{"cruising", in(cruising, 3*time.Second, 950), cruising, false},
		{"cruising at a low rate", in(cruising, 13*time.Second, 47.5).with(func(m *machine) { m.ceiling = 50 }), cruising, false},
		{"cruising, the hold over", in(cruising, 8*time.Second, 950), probing, false},
		{"probing below the ceiling", in(probing, 2*time.Second, 989.2), probing, false},
		{"probing at the ceiling", in(probing, 5*time.Second, 1000), probing, false},
		{"probing, but kept down by a cap", in(probing, time.Minute, 40).with(func(m *machine) { m.cap = 40 }), settling, true},
		{"probing far above it", in(probing, 15*time.Second, 1300), probing, false},
		{"yielding", in(yielding, time.Second, 500).with(func(m *machine) { m.dwell = time.Second }), returning, true},
		{"returning", in(returning, 0, 500), returning, false},
		{"half returned", in(returning, 4*time.Second, 612.5).with(func(m *machine) { m.from = 500 }), returning, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			const now = 100 * time.Second // of the earlier machine; the later one begins at 0
			earlier := test.m.with(func(m *machine) { m.ticked = now })
			later := newMachine(0, Polite).resume(earlier.state(now))
			if later.phase != test.phase || later.rate != earlier.rate || later.phase == settling && later.proven != (earlier.reason() == Cruising) {
				t.Errorf("goes on in phase %v at %v, proven %v", later.phase, later.rate, later.proven)
			}
			earlier.cap = later.cap
			for passed := tickTime; passed <= 8*time.Second; passed += tickTime {
				s := at(earlier.rate)
				s.now = now + passed
				earlier = earlier.tick(s)
				s = at(later.rate)
				s.now = passed
				later = later.tick(s)
				if !test.climbs && math.Abs(later.rate/earlier.rate-1) > 0.002 {
					t.Fatalf("after %v: rate %v, want %v", passed, later.rate, earlier.rate)
				}
			}
			if test.climbs && math.Abs(later.rate/later.cruiseRate()-1) > 0.0005 {
				t.Errorf("climbs to %v, want %v", later.rate, later.cruiseRate())
			}
		})
	}
}

// What a cruise accepted before a State was taken measures the edge afterwards.
func TestResumedProbeFindsEdge(t *testing.T) {
	m := newMachine(0, Polite).resume(State{Rate: 1010, Ceiling: 1000, Reason: Probing, Cruised: 8 * time.Second})
	s := saw(30, 900, 990)
	s.now, s.total = time.Second, 1010
	// 8 s at 950 and 1 s at 1,010 a second.
	if got, want := m.cut(s).ceiling, (8*950.0+1010)/9*(1+m.tuning.headroom/2); math.Abs(got-want) > 1e-6 {
		t.Errorf("ceiling %v, want %v", got, want)
	}
}

// Others who made an earlier Limiter yield are met again by a single throttle.
func TestResumedReturnYields(t *testing.T) {
	m := newMachine(0, Polite).resume(State{Rate: 48, Ceiling: 100, Reason: Yielding})
	m.rate = 50
	s := saw(1, 40, 50)
	if !m.isOverloaded(s) || m.cut(s).phase != yielding {
		t.Errorf("overloaded %v, then phase %v", m.isOverloaded(s), m.cut(s).phase)
	}
}

func TestResumeUnderCap(t *testing.T) {
	for _, start := range []State{
		{},
		{Rate: 500},
		{Rate: 500, Ceiling: 520, Reason: Cruising, Cruised: time.Second},
	} {
		m := newMachine(100, Polite).resume(start)
		if want := min(100, max(start.Rate, 50)); m.rate != want {
			t.Errorf("%+v: rate %v, want %v", start, m.rate, want)
		}
	}
}

// chunked calls a service through one Limiter after another, each for the length
// of a chunk. The quota doubles after a third of the time, and the mean rate of
// the second half is returned.
func chunked(t *testing.T, chunk time.Duration, pace Pace) (mean float64) {
	const span, workers, latency = 6 * time.Minute, 4, 40 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(20, time.Second)
		start := time.Now()
		var mu sync.Mutex
		admit := func() bool {
			mu.Lock()
			defer mu.Unlock()
			now := time.Since(start)
			if now > span/3 {
				srv.setQuota(now.Seconds(), 40)
			}
			return srv.admit(now.Seconds())
		}
		var last State
		samples := 0
		for time.Since(start) < span {
			l := New(Options{Pace: pace, Start: last})
			end := time.Now().Add(min(chunk, span-time.Since(start)))
			var group sync.WaitGroup
			for range workers {
				group.Go(func() {
					for time.Now().Before(end) {
						if err := l.Wait(t.Context()); err != nil {
							t.Error(err)
							return
						}
						sent := time.Now()
						time.Sleep(latency / 2)
						admitted := admit()
						time.Sleep(latency / 2)
						l.Observe(sent, !admitted)
					}
				})
			}
			for time.Now().Before(end) {
				time.Sleep(100 * time.Millisecond)
				if time.Since(start) > span/2 {
					mean += l.State().Rate
					samples++
				}
			}
			group.Wait()
			last = l.State()
		}
		mean /= float64(samples)
	})
	return mean
}

// A run cut into Limiters that last shorter than a hold behaves like a run with
// one: it probes, finds the larger quota and comes to the same rate.
func TestChunkedRun(t *testing.T) {
	for _, pace := range paces {
		whole, chunks := chunked(t, time.Hour, pace), chunked(t, 15*time.Second, pace)
		t.Logf("pace %v: %.2f a second, in chunks %.2f", pace, whole, chunks)
		if math.Abs(chunks/whole-1) > 0.01 || math.Abs(whole/40-1) > 0.05 {
			t.Errorf("pace %v: %.2f a second, in chunks %.2f, want both about 40", pace, whole, chunks)
		}
	}
}
