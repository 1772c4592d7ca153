package ratelimit

import (
	"testing"
	"time"

	"cognito-confirm/internal/racedetector"
)

// The cases that are also measured over HTTP against a stand-in for the service,
// with a latency of 40 ms.
func TestSimulationOfTargets(t *testing.T) {
	racedetector.Skip(t)
	tests := []struct {
		name  string
		quota float64
		live  float64 // calls a second
		depth time.Duration
		pace  Pace
		want  cell
	}{
		{"50/s, live 15/s, bucket 0.2 s", 50, 15, 200 * time.Millisecond, Polite, cell{goodput: 93, throttled: 1, live: 2}},
		{"50/s, bucket 1 s", 50, 0, time.Second, Polite, cell{goodput: 97, throttled: 1}},
		{"500/s, live 100/s, bucket 1 s", 500, 100, time.Second, Polite, cell{goodput: 97, throttled: 1, live: 1}},
		{"2000/s, dedicated, bucket 1 s", 2000, 0, time.Second, Dedicated, cell{goodput: 98, throttled: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := scenario{
				quota:   test.quota,
				depth:   test.depth,
				latency: latency{40 * time.Millisecond, 40 * time.Millisecond},
			}
			if test.live > 0 {
				s.live = func(time.Duration) float64 { return test.live / test.quota }
			}
			seeds := 1
			if test.quota <= 50 {
				seeds = 8 // chance matters more, and a run is cheap
			}
			var got cell
			for seed := range seeds {
				s.seed = uint64(seed + 1)
				got.add(simulate(s, newControlled(0, test.pace)), seeds)
			}
			t.Logf("goodput/throttled/live throttled %v %%", got)
			if got.goodput < test.want.goodput || got.throttled > test.want.throttled || got.live > test.want.live {
				t.Errorf("goodput/throttled/live throttled %v %%, want at least/most %v %%", got, test.want)
			}
		})
	}
}

// With a cap far above the quota and answers that return at once, the first
// throttles come before there is anything to measure. The quota is found all the
// same.
func TestSimulationOfStartFarAboveQuota(t *testing.T) {
	racedetector.Skip(t)
	for _, pace := range paces {
		s := scenario{
			quota:    50,
			depth:    200 * time.Millisecond,
			latency:  latency{4 * time.Millisecond, 4 * time.Millisecond},
			inFlight: 16,
			seed:     1,
		}
		if got := simulate(s, newControlled(1000, pace)); got.goodput() < 90 || got.refused() > 1 {
			t.Errorf("pace %v: goodput %.1f %%, %.2f %% throttled", pace, got.goodput(), got.refused())
		}
	}
}
