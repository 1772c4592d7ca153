package ratelimit

import (
	"math"
	"testing"
	"time"
)

// at is what a meter shows at 100 s, when all of the rate is used and
// accepted.
func at(rate float64) sample {
	return sample{now: 100 * time.Second, answered: rate, accepted: rate, total: int64(10 * rate)}
}

// in is a control at 100 s in a phase since some time, with a proven ceiling
// of 1000 calls a second and no cut in the last 10 s.
func in(phase phase, since time.Duration, rate float64) control {
	c := newControl(0, Polite)
	c.phase, c.since = phase, 100*time.Second-since
	c.rate, c.from = rate, rate
	c.ceiling, c.proven = 1000, true
	c.cut, c.hasCut = mark{at: 90 * time.Second}, true
	c.cruise = mark{at: 90 * time.Second}
	c.ticked = 99950 * time.Millisecond
	return c
}

// with is the control with some of it changed.
func (c control) with(change func(*control)) control {
	change(&c)
	return c
}

func TestTick(t *testing.T) {
	fresh := newControl(0, Polite).with(func(c *control) { c.ticked = 99 * time.Second })
	climbing := in(settling, time.Second, 0).with(func(c *control) { c.from = 500 })
	tests := []struct {
		name   string
		c      control
		s      sample
		rate   float64
		phase  phase
		reason Reason
	}{
		{"finding grows by 35 % a second", fresh, at(10), 13.5, finding, Finding},
		{"finding stays when too little is sent", fresh, at(4), 10, finding, Finding},
		{"and says so when it goes on", fresh.with(func(c *control) { c.unused = time.Second }), at(4), 10, finding, Limited},
		{"finding ends at the cap", newControl(12, Polite).with(func(c *control) { c.ticked = 99 * time.Second }),
			at(12), 12, finding, Capped},
		{"settling is half way after half the time", climbing, at(720), 725, settling, Cruising},
		{"settling on an unproven ceiling is finding still",
			climbing.with(func(c *control) { c.proven = false }), at(720), 725, settling, Finding},
		{"settling ends in a cruise", climbing.with(func(c *control) { c.since -= time.Second }), at(950), 950, cruising, Cruising},
		{"cruising creeps below the ceiling", in(cruising, 7*time.Second, 950), at(950), 950.00475, cruising, Cruising},
		{"cruising ends after the hold", in(cruising, 8*time.Second, 950), at(950), 950.00475, probing, Probing},
		{"cruising holds longer at a low rate",
			in(cruising, 15*time.Second, 48).with(func(c *control) { c.ceiling = 50 }), at(48), 47.50475, cruising, Cruising},
		{"probing is at the ceiling after its time", in(probing, 5*time.Second, 990), at(990), 1000, probing, Probing},
		{"probing is as far above after twice its time", in(probing, 10*time.Second, 1000), at(1000), 1050, probing, Probing},
		{"probing far above grows by 25 % a second",
			in(probing, 20*time.Second, 1200).with(func(c *control) { c.ticked -= 950 * time.Millisecond }), at(1200), 1500, probing, Probing},
		{"probing waits when too little is sent", in(probing, 5*time.Second, 990), at(600), 990, probing, Probing},
		{"yielding stays down", in(yielding, time.Second, 300).with(func(c *control) { c.dwell = 2 * time.Second }),
			at(300), 300, yielding, Yielding},
		{"yielding ends in a return", in(yielding, 2*time.Second, 300).with(func(c *control) { c.dwell = 2 * time.Second }),
			at(300), 300, returning, Yielding},
		{"returning starts gently", in(returning, 2*time.Second, 300).with(func(c *control) { c.from = 320 }),
			at(300), 359.375, returning, Yielding},
		{"returning ends in a cruise", in(returning, 8*time.Second, 900).with(func(c *control) { c.from = 320 }),
			at(900), 950, cruising, Cruising},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := test.c.tick(test.s)
			if math.Abs(got.rate-test.rate) > 1e-6 || got.phase != test.phase || got.reason() != test.reason {
				t.Errorf("rate %v in phase %v, %q, want %v in %v, %q",
					got.rate, got.phase, got.reason(), test.rate, test.phase, test.reason)
			}
		})
	}
}

// Nothing grows while the calls really sent are below 0.7 of the rate, in
// any phase, and everything grows again afterwards.
func TestNeverGrowsUnused(t *testing.T) {
	for _, phase := range []phase{finding, settling, cruising, probing, yielding, returning} {
		c := in(phase, 0, 500)
		for now := 100 * time.Second; now < 160*time.Second; now += tickTime {
			s := at(fullUse*c.rate - 1)
			s.now = now
			if c = c.tick(s); c.rate > 500 {
				t.Fatalf("phase %v grew to %v", phase, c.rate)
			}
			if now > 102*time.Second && c.reason() != Limited {
				t.Fatalf("phase %v: %q", phase, c.reason())
			}
		}
		for now := 160 * time.Second; now < 175*time.Second; now += tickTime {
			s := at(c.rate)
			s.now = now
			c = c.tick(s)
		}
		if c.rate <= 500 {
			t.Errorf("phase %v did not grow again: %v", phase, c.rate)
		}
	}
}

// A few throttles in a cruise are told from the edge of the quota by their share.
func TestNoisyCruise(t *testing.T) {
	tests := []struct {
		strays int
		calls  int64
		want   bool
	}{{0, 100, false}, {1, 100, false}, {2, 100, true}, {3, 1000, false}, {4, 1000, true}}
	for _, test := range tests {
		s := at(950)
		s.strays, s.total = test.strays, test.calls
		got := in(cruising, time.Minute, 950).tick(s)
		if got.phase != probing || got.noisy != test.want {
			t.Errorf("%d of %d calls: phase %v, noisy %v, want %v", test.strays, test.calls, got.phase, got.noisy, test.want)
		}
	}
}

// A ceiling is proven, and others' refusals are over, once a cruise has
// lasted long enough, and not before.
func TestCeilingIsProven(t *testing.T) {
	for _, test := range []struct {
		cruised time.Duration
		want    bool
	}{{provenTime - time.Millisecond, false}, {provenTime, true}} {
		c := in(cruising, 0, 960)
		c.proven, c.pushed = false, true
		c.cruise = mark{at: 100*time.Second - test.cruised}
		if got := c.tick(at(960)); got.proven != test.want || got.pushed == test.want {
			t.Errorf("after %v: proven %v, pushed %v", test.cruised, got.proven, got.pushed)
		}
	}
}

func TestReasonString(t *testing.T) {
	seen := map[string]bool{}
	for r := Finding; r <= Capped; r++ {
		if s := r.String(); s == "" || s == "unknown" || seen[s] {
			t.Errorf("%d is %q", r, s)
		} else {
			seen[s] = true
		}
	}
	if s := (Capped + 1).String(); s != "unknown" {
		t.Errorf("no reason is %q", s)
	}
}
