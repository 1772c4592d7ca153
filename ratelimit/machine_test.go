package ratelimit

import (
	"math"
	"testing"
	"time"
)

// at is what a meter shows at 100 s when all of the rate is used and accepted.
func at(rate float64) sample {
	return sample{now: 100 * time.Second, accepted: rate, total: int64(10 * rate)}
}

// in is a machine at 100 s in a phase since some time, with a ceiling of 1000
// calls a second that is proven and was met often, and no cut in the last 10 s.
func in(phase phase, since time.Duration, rate float64) machine {
	m := newMachine(0, Polite)
	m.phase, m.since = phase, 100*time.Second-since
	m.rate, m.from = rate, rate
	m.ceiling, m.proven, m.trust = 1000, true, holdMost
	m.probes = earlyProbes
	m.lastCut, m.hasCut = mark{at: 90 * time.Second}, true
	m.cruiseStart = mark{at: 90 * time.Second}
	m.ticked = 99950 * time.Millisecond
	return m
}

// with is the machine with a change.
func (m machine) with(change func(*machine)) machine {
	change(&m)
	return m
}

func TestTick(t *testing.T) {
	searching := newMachine(0, Polite).with(func(m *machine) { m.ticked = 99 * time.Second })
	climbing := in(settling, time.Second, 0).with(func(m *machine) { m.from = 500 })
	tests := []struct {
		name   string
		m      machine
		s      sample
		rate   float64
		phase  phase
		reason Reason
	}{
		{"finding grows by 35 % a second", searching, at(10), 13.5, finding, Finding},
		{"finding stays when too little is sent", searching, at(4), 10, finding, Finding},
		{"finding is limited when that goes on", searching.with(func(m *machine) { m.unused = time.Second }), at(4), 10, finding, Limited},
		{"finding ends at the cap", newMachine(12, Polite).with(func(m *machine) { m.ticked = 99 * time.Second }),
			at(12), 12, finding, Capped},
		{"settling is half way after half the time", climbing, at(720), 725, settling, Cruising},
		{"settling on an unproven ceiling is finding still",
			climbing.with(func(m *machine) { m.proven = false }), at(720), 725, settling, Finding},
		{"settling ends in a cruise", climbing.with(func(m *machine) { m.since -= time.Second }), at(950), 950, cruising, Cruising},
		{"cruising creeps below the ceiling", in(cruising, 7*time.Second, 950), at(950), 950.00475, cruising, Cruising},
		{"cruising ends after the hold", in(cruising, 8*time.Second, 950), at(950), 950.00475, probing, Probing},
		{"cruising holds longer at a low rate",
			in(cruising, 15*time.Second, 48).with(func(m *machine) { m.ceiling = 50 }), at(48), 47.50475, cruising, Cruising},
		{"probing is at the ceiling after its time", in(probing, 5*time.Second, 990), at(990), 1000, probing, Probing},
		{"probing is as far above after twice its time", in(probing, 10*time.Second, 1000), at(1000), 1050, probing, Probing},
		{"probing far above grows by 25 % a second",
			in(probing, 20*time.Second, 1200).with(func(m *machine) { m.ticked -= 950 * time.Millisecond }), at(1200), 1500, probing, Probing},
		{"probing waits when too little is sent", in(probing, 5*time.Second, 990), at(600), 990, probing, Probing},
		{"yielding stays down", in(yielding, time.Second, 300).with(func(m *machine) { m.dwell = 2 * time.Second }),
			at(300), 300, yielding, Yielding},
		{"yielding ends in a return", in(yielding, 2*time.Second, 300).with(func(m *machine) { m.dwell = 2 * time.Second }),
			at(300), 300, returning, Yielding},
		{"returning starts gently", in(returning, 2*time.Second, 300).with(func(m *machine) { m.from = 320 }),
			at(300), 359.375, returning, Yielding},
		{"returning ends in a cruise", in(returning, 8*time.Second, 900).with(func(m *machine) { m.from = 320 }),
			at(900), 950, cruising, Cruising},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := test.m.tick(test.s)
			if math.Abs(got.rate-test.rate) > 1e-6 || got.phase != test.phase || got.reason() != test.reason {
				t.Errorf("rate %v in phase %v, %q, want %v in %v, %q",
					got.rate, got.phase, got.reason(), test.rate, test.phase, test.reason)
			}
		})
	}
}

// No phase grows while the calls answered are below 0.7 of the rate, and every
// phase grows again afterwards.
func TestNeverGrowsUnused(t *testing.T) {
	for _, phase := range []phase{finding, settling, cruising, probing, yielding, returning} {
		m := in(phase, 0, 500)
		for now := 100 * time.Second; now < 160*time.Second; now += tickTime {
			s := at(fullUse*m.rate - 1)
			s.now = now
			if m = m.tick(s); m.rate > 500 {
				t.Fatalf("phase %v grew to %v", phase, m.rate)
			}
			if now > 102*time.Second && m.reason() != Limited {
				t.Fatalf("phase %v: %q", phase, m.reason())
			}
		}
		for now := 160 * time.Second; now < 175*time.Second; now += tickTime {
			s := at(m.rate)
			s.now = now
			m = m.tick(s)
		}
		if m.rate <= 500 || m.reason() == Limited {
			t.Errorf("phase %v did not grow again: %v, %q", phase, m.rate, m.reason())
		}
	}
}

// The share of calls throttled in a cruise tells noise from the edge of the quota.
func TestNoisyCruise(t *testing.T) {
	tests := []struct {
		throttled int
		calls     int64
		want      bool
	}{{0, 100, false}, {1, 100, false}, {2, 100, true}, {3, 1000, false}, {4, 1000, true}}
	for _, test := range tests {
		s := at(950)
		s.refusedSinceCut, s.total = test.throttled, test.calls
		got := in(cruising, time.Minute, 950).tick(s)
		if got.phase != probing || got.noisy != test.want {
			t.Errorf("%d of %d calls: phase %v, noisy %v, want %v", test.throttled, test.calls, got.phase, got.noisy, test.want)
		}
	}
}

// A ceiling is proven, and yielding is over, once a cruise has lasted long
// enough, and not before.
func TestCeilingIsProven(t *testing.T) {
	for _, test := range []struct {
		cruised time.Duration
		want    bool
	}{{provenTime - time.Millisecond, false}, {provenTime, true}} {
		m := in(cruising, 0, 960)
		m.proven, m.pushed = false, true
		m.cruiseStart = mark{at: 100*time.Second - test.cruised}
		if got := m.tick(at(960)); got.proven != test.want || got.pushed == test.want {
			t.Errorf("after %v: proven %v, pushed %v", test.cruised, got.proven, got.pushed)
		}
	}
}

func TestReasonString(t *testing.T) {
	seen := map[string]bool{}
	for r := Finding; r <= Failing; r++ {
		if s := r.String(); s == "" || s == "unknown" || seen[s] {
			t.Errorf("%d is %q", r, s)
		} else {
			seen[s] = true
		}
	}
	if s := (Failing + 1).String(); s != "unknown" {
		t.Errorf("no reason is %q", s)
	}
}
