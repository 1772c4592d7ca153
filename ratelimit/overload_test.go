package ratelimit

import (
	"math"
	"testing"
	"time"
)

// saw is a sample of accepted calls a second. throttled of the calls after the
// last cut were throttled, including the first of them.
func saw(throttled, calls int, accepted float64) sample {
	s := at(accepted)
	s.evidence = evidence{calls: calls, refused: throttled, run: calls}
	return s
}

func TestIsOverloaded(t *testing.T) {
	tests := []struct {
		name string
		m    machine
		s    sample
		want bool
	}{
		{"one throttle is noise", in(cruising, time.Second, 48), saw(1, 40, 48), false},
		{"two are not, at a low rate", in(cruising, time.Second, 48), saw(2, 40, 48), true},
		{"at a high rate it takes 2 % of a second", in(cruising, time.Second, 960), saw(19, 700, 960), false},
		{"2 % of a second", in(cruising, time.Second, 960), saw(20, 700, 960), true},
		{"not within 100 ms of a cut",
			in(cruising, 0, 48).with(func(m *machine) { m.lastCut.at = 99901 * time.Millisecond }), saw(9, 20, 48), false},
		{"the first cut has none before it",
			newMachine(0, Polite), sample{now: 10 * time.Millisecond, evidence: evidence{calls: 2, refused: 2, run: 2}}, true},
		{"on the way back, one above where others were met",
			in(returning, 0, 51).with(func(m *machine) { m.refused = 50 }), saw(1, 40, 51), true},
		{"on the way back, two below that",
			in(returning, 0, 49).with(func(m *machine) { m.refused = 50 }), saw(1, 40, 49), false},
		{"a probe ends with one above the ceiling",
			in(probing, 0, 51).with(func(m *machine) { m.ceiling = 50 }), saw(1, 40, 51), true},
		{"a probe goes on after one where there is noise",
			in(probing, 0, 51).with(func(m *machine) { m.ceiling, m.noisy = 50, true }), saw(1, 40, 51), false},
		{"a probe goes on after one below it",
			in(probing, 0, 49).with(func(m *machine) { m.ceiling = 50 }), saw(1, 40, 49), false},
		{"above the ceiling, at a high rate, it takes 0.6 % of a second", in(probing, 0, 1001), saw(6, 700, 1001), false},
		{"0.6 % of a second", in(probing, 0, 1001), saw(7, 700, 1001), true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.m.isOverloaded(test.s); got != test.want {
				t.Errorf("overloaded %v, want %v", got, test.want)
			}
		})
	}
}

func TestIsWindowSpent(t *testing.T) {
	justCut := func(m *machine) { m.lastCut.at = 99500 * time.Millisecond }
	tests := []struct {
		name string
		m    machine
		s    sample
		want bool
	}{
		{"nearly all throttled after a cut", in(settling, 0, 48).with(justCut), saw(8, 10, 48), true},
		{"enough accepted for a lower rate to help", in(settling, 0, 48).with(justCut), saw(7, 10, 48), false},
		{"a second after the cut", in(settling, 0, 48).with(func(m *machine) { m.lastCut.at = 99 * time.Second }), saw(8, 10, 48), false},
		{"not in a cruise, which no cut began", in(cruising, 0, 48).with(justCut), saw(8, 10, 48), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.m.isWindowSpent(test.s); got != test.want {
				t.Errorf("spent %v, want %v", got, test.want)
			}
		})
	}
}

func TestCut(t *testing.T) {
	dedicated := func(m *machine) { m.tuning = Dedicated.tuning() }
	unproven := func(m *machine) { m.proven = false }
	tests := []struct {
		name          string
		m             machine
		s             sample
		phase         phase
		rate, ceiling float64
	}{
		{"the first throttles: half of what was accepted", newMachine(0, Polite).with(func(m *machine) { m.rate = 90 }),
			saw(4, 10, 80), settling, 40, 80},
		{"the first throttles, but few: perhaps noise", newMachine(0, Polite).with(func(m *machine) { m.rate = 90 }),
			saw(2, 10, 80), probing, 72, 80},
		{"far above the ceiling: half of it", in(probing, 0, 1200), saw(40, 100, 1150), settling, 575, 1150},
		{"again: half way to what was accepted since the last cut",
			in(settling, 0, 900).with(unproven).with(func(m *machine) { m.lastCut.total = 800 }), saw(30, 900, 880), settling, 420, 840},
		{"again: no more than was accepted just now",
			in(settling, 0, 900).with(unproven).with(func(m *machine) { m.lastCut.total = -800 }), saw(30, 900, 880), settling, 440, 880},
		{"again, but never much lower at once", in(settling, 0, 500).with(unproven), saw(30, 900, 400), settling, 350, 700},
		{"a probe finds the edge", in(probing, 0, 1010), saw(30, 900, 990), cruising, 940.5, 990},
		{"a probe trusts the mean of its cruise more than a bucket",
			in(probing, 0, 1010).with(func(m *machine) { m.cruiseStart.total = 700 }), saw(30, 900, 990), cruising, 895.85, 943},
		{"few throttles above the ceiling: perhaps noise, and it loses little",
			in(probing, 0, 1010), saw(7, 900, 900), cruising, 940.5, 990},
		{"few throttles, and it loses nothing that was accepted",
			in(probing, 0, 1010).with(func(m *machine) { m.cruiseStart.total = -500 }), saw(7, 900, 995), cruising, 945.25, 995},
		{"no edge where others refused us just now", in(probing, 0, 1010).with(func(m *machine) { m.pushed = true }),
			saw(30, 900, 990), yielding, 920.7, 990},
		{"throttles in a cruise: a step back", in(cruising, 0, 960), saw(20, 960, 940), settling, 658, 979.1666667},
		{"dedicated: a small one", in(cruising, 0, 960).with(dedicated), saw(20, 960, 940), settling, 893, 979.1666667},
		{"many throttles in a cruise: leave others what they take",
			in(cruising, 0, 960), saw(31, 101, 940), settling, 940 * (1 - 0.3/0.7), 967.7083333},
		{"nearly all of them throttled: but no less than 0.4 of what was accepted",
			in(cruising, 0, 960), saw(61, 101, 940), settling, 0.4 * 940, 940},
		{"soon after an overshoot: half way to what was accepted since",
			in(cruising, 0, 960).with(unproven).with(func(m *machine) { m.lastCut = mark{95 * time.Second, 5400} }),
			saw(20, 960, 840), settling, 588, 720},
		{"more of them while settling: yield", in(settling, 0, 800), saw(20, 960, 700), yielding, 525, 980.9300877},
		{"on the way back: where others were met", in(returning, 0, 800).with(func(m *machine) { m.pushed = true }), saw(20, 960, 700), yielding, 651, 980.9300877},
		{"in a cruise right after the way back: the same",
			in(cruising, 0, 960).with(func(m *machine) { m.pushed = true }), saw(20, 960, 700), yielding, 651, 980.9300877},
		{"nothing accepted at all", in(cruising, 0, 960), saw(20, 960, 0), settling, 1, 979.1666667},
		{"a cap below the least rate", newMachine(0.5, Polite), saw(2, 2, 0), settling, 0.5, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := test.m.cut(test.s)
			if got.phase != test.phase || math.Abs(got.rate-test.rate) > 1e-6 || math.Abs(got.ceiling-test.ceiling) > 1e-6 {
				t.Errorf("phase %v, rate %v, ceiling %v, want %v, %v, %v",
					got.phase, got.rate, got.ceiling, test.phase, test.rate, test.ceiling)
			}
			if got.lastCut != (mark{test.s.now, test.s.total}) || !got.hasCut {
				t.Errorf("the cut is not marked: %+v", got.lastCut)
			}
		})
	}
}
