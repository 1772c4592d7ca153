package ratelimit

import (
	"testing"
	"time"

	"cognito-confirm/internal/racedetector"
)

func TestMost(t *testing.T) {
	for _, test := range []struct {
		options     Options
		first, most float64
	}{
		{Options{}, 10, 0},
		{Options{Quota: 50}, 23.75, 47.5},
		{Options{Quota: 50, Pace: Dedicated}, 25, 50},
		{Options{Quota: 50, Cap: 40}, 20, 40},
		{Options{Quota: 50, Cap: 50}, 25, 50},
		{Options{Quota: 50, Cap: 51}, 23.75, 47.5},
		{Options{Quota: 5}, 4.75, 4.75},
		{Options{Quota: 50, Start: State{Rate: 5}}, 5, 47.5},
		{Options{Quota: 50, Start: State{Rate: 400, Ceiling: 410, Reason: Cruising, Cruised: time.Second}}, 47.5, 47.5},
	} {
		l := New(test.options)
		if got := l.State().Rate; got != test.first || test.options.Most() != test.most {
			t.Errorf("%+v: begins at %v, at most %v", test.options, got, test.options.Most())
		}
		l.SetCap(0)
		if limit := l.feedback.machine.cap; test.options.Quota > 0 && limit != test.options.Quota && limit != 0.95*test.options.Quota {
			t.Errorf("%+v: at most %v without a cap", test.options, limit)
		}
	}
}

// A limiter that knows the quota uses as much of what others leave as one that has to
// find it, and costs them no more throttles. Where they make few calls, it costs none.
func TestSimulationOfKnownQuota(t *testing.T) {
	racedetector.Skip(t)
	t.Parallel()
	const quota, runs = 50, 8
	for _, live := range part([]float64{0.02, 0.3, 0.1, 0.2}, 2) {
		for _, service := range part([]service{bucket1, bucket01, windows}, 1) {
			for _, long := range part([]time.Duration{time.Minute, measured}, 1) {
				s := scenario{
					quota: quota, depth: service.depth, latency: near.latency, inFlight: 256, fromStart: true, short: long,
					live: func(time.Duration) float64 { return live },
				}
				under := func(o Options) cell {
					return mean(s.withSeed, runs, func() pacer { return newControlled(o.Most(), Polite) })
				}
				found, got := under(Options{}), under(Options{Quota: quota})
				t.Logf("live %v, bucket %s, %v: %v, found %v, up to all of it %v", live, service.name, long, got, found, under(Options{Cap: quota}))
				most, least := found.live+1, found.goodput-1
				if live == 0.02 {
					most, least = 0.5, 93
				}
				if got.live > most || got.throttled > found.throttled+0.2 || got.goodput < least {
					t.Errorf("live %v, bucket %s, %v: %v, found %v", live, service.name, long, got, found)
				}
			}
		}
	}
}
