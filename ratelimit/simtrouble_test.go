package ratelimit

import (
	"fmt"
	"testing"
	"time"

	"cognito-confirm/internal/racedetector"
)

// What the service does beside keeping its quota: it refuses the surplus in other
// ways, fails for a while, or refuses calls for reasons of its own. A part of the
// cases is for every run of the tests; -simulate runs all.

// part is the first n of all, or all with -simulate.
func part[T any](all []T, n int) []T {
	if *simulateAll {
		return all
	}
	return all[:n]
}

// mean is the mean of n runs, each of the scenario with its seed.
func mean(with func(seed uint64) scenario, n int, client func() pacer) (c cell) {
	for seed := range uint64(n) {
		c.add(simulate(with(seed+1), client()), n)
	}
	return c
}

// withSeed is the same with another seed.
func (s scenario) withSeed(seed uint64) scenario {
	s.seed = seed
	return s
}

// accepted is the calls accepted in a span of time, in % of the quota, the mean of
// n runs.
func accepted(s scenario, from, long time.Duration, n int, client func() pacer) (percent float64) {
	s.short = from + long
	for seed := range n {
		s.seed = uint64(seed + 1)
		s.watch = func(now time.Duration, ended ending) {
			if ended == taken && now >= from {
				percent += 100 / (s.quota * long.Seconds() * float64(n))
			}
		}
		simulate(s, client())
	}
	return percent
}

// A surplus that is refused with errors is treated as one that is throttled.
func TestSimulationOfRefusals(t *testing.T) {
	racedetector.Skip(t)
	t.Parallel()
	for _, quota := range part([]float64{50, 500}, 1) {
		for _, traffic := range part([]traffic{traffics[1], traffics[2], quiet, traffics[3], traffics[4]}, 2) {
			for _, service := range part([]service{bucket1, windows, bucket01, bucket5}, 2) {
				for _, pace := range part(paces, 1) {
					c := simCase{traffic, service, near, quota}
					var cells [failed + 1]cell
					for _, refusal := range []ending{throttled, failed} {
						with := func(seed uint64) scenario {
							s := c.scenario(seed)
							s.refusal = refusal
							return s
						}
						cells[refusal] = mean(with, c.seeds(), func() pacer { return newControlled(0, pace) })
					}
					got, want := cells[failed], cells[throttled]
					t.Logf("%v, pace %v: %v, as throttles %v", c, pace, got, want)
					if got.goodput < want.goodput-2 || got.throttled > want.throttled+0.3 || got.live > want.live+0.8 {
						t.Errorf("%v, pace %v: %v %%, as throttles %v %%", c, pace, got, want)
					}
				}
			}
		}
	}
}

// Live traffic of 15 a second keeps its part of a quota of 50 from the first
// second on, search included.
func TestSimulationOfFirstMinute(t *testing.T) {
	racedetector.Skip(t)
	t.Parallel()
	for _, depth := range []time.Duration{time.Second, 200 * time.Millisecond} {
		for _, refusal := range []ending{throttled, failed} {
			s := scenario{
				quota: 50, depth: depth, refusal: refusal, fromStart: true, short: time.Minute, inFlight: 256,
				latency: latency{40 * time.Millisecond, 40 * time.Millisecond},
				live:    func(time.Duration) float64 { return 0.3 },
			}
			got := mean(s.withSeed, 40, func() pacer { return newControlled(0, Polite) })
			t.Logf("bucket of %v, refusal %v: %.2f %% of the live calls refused", depth, refusal, got.live)
			if got.live > 2.45 {
				t.Errorf("bucket of %v, refusal %v: %.2f %% of the live calls refused", depth, refusal, got.live)
			}
		}
	}
}

// Calls that are refused whatever the rate cost a tenth of the goodput at most, and
// whoever needs the quota still gets it.
func TestSimulationOfNoise(t *testing.T) {
	racedetector.Skip(t)
	t.Parallel()
	const noise = 0.02
	for _, quota := range part([]float64{50, 500}, 1) {
		for _, traffic := range part([]traffic{quiet, traffics[1], traffics[2]}, 2) {
			for _, service := range part([]service{bucket1, bucket01, windows}, 2) {
				for _, pace := range paces {
					for _, as := range part([]ending{throttled, failed}, 1) {
						c := simCase{traffic, service, near, quota}
						s := c.scenario(0)
						client := func() pacer { return newControlled(0, pace) }
						without := mean(s.withSeed, c.seeds(), client)
						s.unrelated, s.unrelatedAs = noise, as
						with := mean(s.withSeed, c.seeds(), client)
						least, live := 0.9*without.goodput, 2.0
						if c.traffic.name != quiet.name && quota == 50 {
							// The bursts of others look like the noise between them, and the other way round.
							least, live = 0.86*without.goodput, 3.5
						}
						t.Logf("%v, pace %v, as %v: %v, without %v", c, pace, as, with, without)
						if with.goodput < least || with.live > without.live+live {
							t.Errorf("%v, pace %v, as %v: %v %%, without noise %v %%", c, pace, as, with, without)
						}
					}
				}
			}
		}
	}
}

// A service that fails for a share of the calls whatever the rate is still used, and
// others pay little for that. Before that is known, the rate goes down to a few calls a
// second.
func TestSimulationOfAmbientFailures(t *testing.T) {
	racedetector.Skip(t)
	t.Parallel()
	for _, quota := range part([]float64{50, 500}, 1) {
		for _, traffic := range part([]traffic{traffics[1], quiet, traffics[2]}, 1) {
			for _, service := range part([]service{bucket1, bucket01, windows}, 1) {
				for _, share := range part([]float64{0.16, 0.05, 0.08}, 1) {
					c := simCase{traffic, service, near, quota}
					s := c.scenario(0)
					client := func() pacer { return newControlled(0, Polite) }
					without := mean(s.withSeed, c.seeds(), client)
					s.unrelated, s.unrelatedAs = share, failed
					with := mean(s.withSeed, c.seeds(), client)
					t.Logf("%v, %v fail: %v, without %v", c, share, with, without)
					if with.goodput < 0.4*(1-share)*without.goodput || with.live > without.live+4 {
						t.Errorf("%v, %v fail: %v %%, without %v %%", c, share, with, without)
					}
				}
			}
		}
	}
}

// free is what the case comes to when nothing happens, in % of the quota.
func (c simCase) free(pace Pace) float64 {
	return c.run(pace, 1).goodput()
}

// After an outage the rate is what it was before.
func TestSimulationOfOutage(t *testing.T) {
	racedetector.Skip(t)
	t.Parallel()
	for _, pace := range part(paces, 1) {
		for _, service := range part([]service{bucket1, windows, bucket01}, 2) {
			c := simCase{quiet, service, near, 50}
			for _, from := range part([]time.Duration{30 * time.Second, 300 * time.Second, 10 * time.Second}, 1) {
				for _, long := range part([]time.Duration{60 * time.Second, 5 * time.Second, 20 * time.Second}, 2) {
					s := c.scenario(0)
					client := func() pacer { return newControlled(0, pace) }
					before := accepted(s, from-5*time.Second, 5*time.Second, 8, client)
					s.brownOuts = []brownOut{{from, long, 1, failed}}
					after := accepted(s, from+long, 5*time.Second, 8, client)
					t.Logf("%v, pace %v, %v at %v: %.1f %% of the quota before, %.1f %% after", c, pace, long, from, before, after)
					if after < 0.9*min(before, 100) { // a burst is over before an outage is
						t.Errorf("%v, pace %v, %v at %v: %.1f %% of the quota before, %.1f %% after", c, pace, long, from, before, after)
					}
				}
			}
		}
	}
}

// Half a minute after a bad time of any length, at any moment, the rate is back.
func TestSimulationOfBrownOuts(t *testing.T) {
	racedetector.Skip(t)
	t.Parallel()
	for _, pace := range part(paces, 1) {
		for _, service := range part([]service{bucket1, windows, bucket01, bucket5}, 2) {
			c := simCase{quiet, service, near, 50}
			free := c.free(pace)
			for _, as := range part([]ending{throttled, failed}, 1) {
				for _, from := range part([]time.Duration{5 * time.Second, 100 * time.Second, 2 * time.Second, 30 * time.Second}, 2) {
					for _, long := range part([]time.Duration{5 * time.Second, 60 * time.Second, time.Second, 20 * time.Second}, 2) {
						for _, share := range part([]float64{0.6, 0.3, 1}, 1) {
							s := c.scenario(0)
							s.brownOuts = []brownOut{{from, long, share, as}}
							name := fmt.Sprintf("%v, pace %v, %g %% ended %v for %v at %v", c, pace, 100*share, as, long, from)
							wantBack(t, name, s, from+long, free, func() pacer { return newControlled(0, pace) })
						}
					}
				}
			}
		}
	}
}

// A cap far above the quota is no reason to take longer.
func TestSimulationOfCaps(t *testing.T) {
	racedetector.Skip(t)
	t.Parallel()
	for _, quota := range part([]float64{50, 500}, 1) {
		for _, pace := range part(paces, 1) {
			for _, service := range part([]service{bucket1, windows, bucket01, bucket5}, 2) {
				for _, trip := range part(trips, 1) {
					c := simCase{quiet, service, trip, quota}
					free := c.free(pace)
					for _, refusal := range []ending{throttled, failed} {
						for _, times := range []float64{4, 20, 100} {
							s := c.scenario(0)
							s.refusal = refusal
							name := fmt.Sprintf("%v, pace %v, cap of %g times the quota, refusal %v", c, pace, times, refusal)
							wantBack(t, name, s, 0, free, func() pacer { return newControlled(times*quota, pace) })
						}
					}
				}
			}
		}
	}
}

// wantBack checks that 90 % of what is free is used from half a minute after the
// end of the trouble on.
func wantBack(t *testing.T, name string, s scenario, end time.Duration, free float64, client func() pacer) {
	t.Helper()
	got := accepted(s, end+30*time.Second, 30*time.Second, 4, client)
	t.Logf("%s: %.1f %% of the quota, of %.1f %%", name, got, free)
	if got < 0.9*min(free, 100) {
		t.Errorf("%s: %.1f %% of the quota, of %.1f %%", name, got, free)
	}
}
