package ratelimit

import (
	"math"
	"testing"
	"time"
)

func TestNoiseShare(t *testing.T) {
	caution := func(share float64) float64 { return share - noiseCaution*noiseLow }
	tests := []struct {
		name         string
		below, above tally
		quota        float64
		want         float64
	}{
		{"the same share below the rate that was cut as above", tally{1000, 20}, tally{1000, 20}, 500, caution(0.02)},
		{"nothing known of above", tally{1000, 20}, tally{}, 500, caution(0.02)},
		{"less than half below: it answers to the rate", tally{1000, 20}, tally{1000, 41}, 500, 0},
		{"half below", tally{1000, 20}, tally{1000, 40}, 500, caution(0.02)},
		{"less above: it may have gone since", tally{1000, 40}, tally{1000, 20}, 500, caution(0.02)},
		{"nothing above: it has gone", tally{1000, 40}, tally{1000, 0}, 500, 0},
		{"too few calls", tally{299, 8}, tally{}, 500, 0},
		{"too few refused", tally{400, 4.9}, tally{}, 500, 0},
		{"too little to matter", tally{1000, 9.9}, tally{}, 500, 0},
		{"so much that somebody else may call", tally{1000, 101}, tally{}, 500, 0},
		{"at a low rate a larger share is needed", tally{1000, 16}, tally{}, 20, 0},
		{"a larger share at a low rate", tally{1000, 20}, tally{}, 20, 0.02 - noiseCaution*noiseRate/20},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := noise{below: test.below, above: test.above}
			if got := n.share(test.quota); math.Abs(got-test.want) > 1e-9 {
				t.Errorf("share %v, want %v", got, test.want)
			}
		})
	}
}

func TestNoiseLearns(t *testing.T) {
	lower := machine{rate: 40, cutFrom: 50, tuning: Polite.tuning()}
	lower.lastCut = mark{at: 10 * time.Second}
	higher := lower.with(func(m *machine) { m.rate = 49 })
	seen := evidence{since: 11 * time.Second, calls: 100, refused: 2}
	tests := []struct {
		name         string
		e            evidence
		m            machine
		below, above tally
	}{
		{"below the rate that was cut", seen, lower, tally{100, 2}, tally{}},
		{"not below it", seen, higher, tally{}, tally{100, 2}},
		{"right after a cut others may still push", evidence{since: 10 * time.Second, calls: 100, refused: 2}, lower, tally{}, tally{}},
		{"a cluster is the quota", evidence{since: 11 * time.Second, calls: 100, refused: 30}, lower, tally{100, 3}, tally{}},
		{"one is no cluster", evidence{since: 11 * time.Second, calls: 10, refused: 1}, lower, tally{10, 1}, tally{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var n noise
			n.learn(test.e, test.m)
			if n.below != test.below || n.above != test.above {
				t.Errorf("below %v, above %v, want %v, %v", n.below, n.above, test.below, test.above)
			}
		})
	}
}

// Noise that stops is forgotten.
func TestNoiseIsForgotten(t *testing.T) {
	m := machine{rate: 40, cutFrom: 50, tuning: Polite.tuning()}
	n := noise{below: tally{1000, 20}}
	if n.share(500) == 0 || !n.isSuspected() {
		t.Fatal("no noise")
	}
	for range 60 {
		n.learn(evidence{since: time.Second, calls: 40}, m)
	}
	if share := n.share(500); share != 0 || n.isSuspected() {
		t.Errorf("share %v, suspected %v", share, n.isSuspected())
	}
}

func TestNoiseIsSuspected(t *testing.T) {
	for _, test := range []struct {
		below tally
		want  bool
	}{{tally{}, false}, {tally{40, 1}, false}, {tally{100, 2}, true}, {tally{400, 2}, false}} {
		if got := (noise{below: test.below}).isSuspected(); got != test.want {
			t.Errorf("%v: suspected %v, want %v", test.below, got, test.want)
		}
	}
}

// A cut takes as many more refused calls as noise explains.
func TestExcused(t *testing.T) {
	m := in(cruising, time.Second, 48)
	for _, test := range []struct {
		refused int
		noise   float64
		want    bool
	}{{2, 0, true}, {6, 0.02, false}, {7, 0.02, true}} {
		s := saw(test.refused, 100, 48) // noise of 2 % explains 2 of them, and 1.5 standard deviations
		s.noise = test.noise
		if got := m.isOverloaded(s); got != test.want {
			t.Errorf("%d refused, noise %v: overloaded %v, want %v", test.refused, test.noise, got, test.want)
		}
	}
}
