package ratelimit

import (
	"math"
	"testing"
)

func TestAmbientLearns(t *testing.T) {
	ill := evidence{calls: 60, refused: 12, failed: 9}
	for _, test := range []struct {
		name          string
		e             evidence
		rate, ceiling float64
		low, any      tally
	}{
		{"at a quarter of what was accepted", ill, 12.5, 50, tally{60, 9}, tally{60, 9}},
		{"above it", ill, 13, 50, tally{}, tally{60, 9}},
		{"before the first cut", ill, 10, 0, tally{}, tally{60, 9}},
		{"throttles are left out", evidence{calls: 60, refused: 12}, 5, 50, tally{60, 0}, tally{60, 0}},
	} {
		var a ambient
		m := machine{rate: test.rate, ceiling: test.ceiling}
		if a.learn(test.e, m); a.low != test.low || a.recent != test.any {
			t.Errorf("%s: %v at a low rate, %v at any, want %v, %v", test.name, a.low, a.recent, test.low, test.any)
		}
	}
}

// What was accepted is forgotten little by little, and with it what is low.
func TestAmbientForgetsThePeak(t *testing.T) {
	a := ambient{peak: 100}
	m := machine{rate: 20, ceiling: 22}
	for range 50 {
		a.learn(evidence{calls: 1}, m)
	}
	before := a.low.calls
	if before == 0 {
		t.Fatal("20 is not low below 100")
	}
	for range 50 {
		a.learn(evidence{calls: 1}, m)
	}
	if a.low.calls > before {
		t.Errorf("%v calls at a low rate, %v before: 20 is low below %v", a.low.calls, before, a.peak)
	}
}

func TestAmbientShare(t *testing.T) {
	for _, test := range []struct {
		name        string
		low, recent tally
		want        float64
	}{
		{"nothing", tally{}, tally{}, 0},
		{"known", tally{60, 9}, tally{200, 30}, 0.15},
		{"too few calls", tally{49, 9}, tally{200, 30}, 0},
		{"too few of them failed", tally{60, 7}, tally{200, 30}, 0},
		{"more of them, but gone since", tally{60, 9}, tally{200, 2}, 0.01},
		{"fewer than at a high rate, where others may be refused", tally{60, 9}, tally{200, 80}, 0.15},
		{"nearly an outage", tally{60, 31}, tally{200, 100}, 0},
	} {
		if got := (ambient{low: test.low, recent: test.recent}).share(); math.Abs(got-test.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
