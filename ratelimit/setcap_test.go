package ratelimit

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A changed cap reaches those who wait already, at once: what they have waited
// for stays theirs, and the rest comes at the new rate.
func TestSetCapReachesWaiters(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		name     string
		from, to float64
		at       time.Duration
		want     []time.Duration
	}{
		{"lowered", 4, 0.5, 100 * ms, []time.Duration{1300 * ms, 3300 * ms, 5300 * ms}},
		{"lowered shortly before the next", 4, 0.5, 230 * ms, []time.Duration{390 * ms, 2390 * ms, 4390 * ms}},
		{"raised", 0.5, 4, 1000 * ms, []time.Duration{1125 * ms, 1375 * ms, 1625 * ms}},
		{"removed", 0.5, 0, 1000 * ms, []time.Duration{1050 * ms, 1150 * ms, 1250 * ms}},
		{"the same", 4, 4, 100 * ms, []time.Duration{250 * ms, 500 * ms, 750 * ms}},
		{"raised high", 5, 100, 180 * ms, []time.Duration{182 * ms, 202 * ms, 222 * ms}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := New(Options{Cap: test.from})
				passes(t, l, 1)
				start := time.Now()
				var at []time.Duration
				var mu sync.Mutex
				var group sync.WaitGroup
				for range test.want {
					group.Go(func() {
						if err := l.Wait(t.Context()); err != nil {
							t.Error(err)
						}
						mu.Lock()
						defer mu.Unlock()
						at = append(at, time.Since(start).Round(time.Microsecond))
					})
				}
				time.Sleep(test.at)
				l.SetCap(test.to)
				group.Wait()
				if !slices.Equal(at, test.want) {
					t.Errorf("let through at %v, want %v", at, test.want)
				}
			})
		})
	}
}

// A new cap bounds the rate. A higher one lets a rate go on that the old one held
// back, and moves no other.
func TestWithCap(t *testing.T) {
	capped := func(m *machine) { m.cap = m.rate }
	tests := []struct {
		name   string
		m      machine
		limit  float64
		rate   float64
		later  float64 // a second later, when all of the rate is accepted
		phase  phase
		reason Reason
	}{
		{"lower", in(cruising, 0, 950), 40, 40, 40, cruising, Capped},
		{"lower in a cruise at the cap", in(cruising, time.Second, 500).with(capped), 40, 40, 40, cruising, Capped},
		{"higher in a cruise that had room", in(cruising, time.Second, 950).with(capped), 960, 950, 950.1, cruising, Cruising},
		{"higher while finding", newMachine(20, Polite).with(capped), 400, 200, 270, finding, Finding},
		{"none while finding", newMachine(4, Polite), 0, 10, 13.5, finding, Finding},
		{"none after a long search at the cap", newMachine(40, Polite).with(func(m *machine) { m.rate = 40 }), 0, 40, 54, finding, Finding},
		{"higher in a cruise", in(cruising, time.Second, 40).with(capped), 500, 40, 495, settling, Cruising},
		{"higher in a probe that the cap kept below the ceiling",
			in(probing, time.Minute, 40).with(capped), 0, 40, 495, settling, Cruising},
		{"higher in a probe at the ceiling", in(probing, time.Minute, 1000).with(capped), 0, 1000, 1000.4, probing, Probing},
		{"higher while settling", in(settling, 0, 400).with(capped), 0, 400, 675, settling, Cruising},
		{"higher where it held nothing back", in(cruising, time.Second, 950).with(func(m *machine) { m.cap = 1200 }),
			2000, 950, 950.1, cruising, Cruising},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := test.m.withCap(test.limit, at(test.m.rate))
			if m.rate != test.rate || m.phase != test.phase || m.reason() != test.reason {
				t.Errorf("rate %v in phase %v, %q, want %v in %v, %q", m.rate, m.phase, m.reason(), test.rate, test.phase, test.reason)
			}
			m.ticked = 100 * time.Second
			s := at(m.rate)
			s.now += time.Second
			if got := m.tick(s).rate; got < test.later-0.1 || got > test.later+0.1 {
				t.Errorf("a second later: rate %v, want %v", got, test.later)
			}
		})
	}
}
