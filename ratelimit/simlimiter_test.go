package ratelimit

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/racedetector"
)

// inBubble runs a scenario with what the simulation leaves out: a Limiter and
// goroutines that call Wait and Observe, in a synctest bubble.
func inBubble(t *testing.T, s scenario, options Options, workers int) (out outcome) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(s.quota, s.depth)
		l := New(options)
		start := time.Now()
		end := start.Add(warmUp + measured)
		var mu sync.Mutex
		admit := func() bool {
			mu.Lock()
			defer mu.Unlock()
			return srv.admit(time.Since(start).Seconds())
		}
		var group sync.WaitGroup
		group.Go(func() { // the live traffic
			random := rand.New(rand.NewPCG(s.seed, 0))
			for s.live != nil && time.Now().Before(end) {
				rate := s.live(time.Since(start)) * s.quota
				time.Sleep(seconds(random.ExpFloat64() / rate))
				admitted := admit()
				if time.Since(start) >= warmUp {
					out.live++
					if !admitted {
						out.liveThrottled++
					}
				}
			}
		})
		for worker := range workers {
			group.Go(func() {
				random := rand.New(rand.NewPCG(s.seed, uint64(worker+1)))
				for time.Now().Before(end) {
					if err := l.Wait(t.Context()); err != nil {
						t.Error(err)
						return
					}
					sent, half := time.Now(), s.latency.draw(random)/2
					time.Sleep(half)
					admitted, arrived := admit(), time.Since(start)
					time.Sleep(half)
					l.Observe(sent, !admitted)
					if arrived < warmUp || arrived >= warmUp+measured {
						continue
					}
					mu.Lock()
					if admitted {
						out.accepted++
					} else {
						out.throttled++
					}
					mu.Unlock()
				}
			})
		}
		group.Wait()
		out.left = s.quota * measured.Seconds()
		if s.live != nil {
			out.left *= 1 - s.live(0)
		}
	})
	return out
}

// A run with a Limiter and its waiting comes to the same as the simulation, which
// leaves them out.
func TestSimulationAgreesWithLimiter(t *testing.T) {
	racedetector.Skip(t)
	tests := []struct {
		c       simCase
		options Options
		workers int
	}{
		{simCase{quiet, bucket1, near, 50}, Options{}, 16},
		{simCase{quiet, bucket01, near, 50}, Options{}, 16},
		{simCase{traffics[1], windows, near, 50}, Options{Pace: Dedicated}, 16},
		{simCase{traffics[1], bucket1, far, 100}, Options{}, 64},
	}
	for _, test := range tests {
		t.Run(test.c.String(), func(t *testing.T) {
			const runs = 3 // a single one is apart by chance
			var got, want cell
			for seed := range uint64(runs) {
				s := test.c.scenario(seed + 1)
				want.add(simulate(s, newControlled(test.options.Cap, test.options.Pace)), runs)
				got.add(inBubble(t, s, test.options, test.workers), runs)
			}
			t.Logf("goodput %.1f %%, throttled %.2f %%, live throttled %.2f %%; simulated %.1f, %.2f, %.2f",
				got.goodput, got.throttled, got.live, want.goodput, want.throttled, want.live)
			if math.Abs(got.goodput-want.goodput) > 3 ||
				math.Abs(got.throttled-want.throttled) > 0.5 ||
				math.Abs(got.live-want.live) > 1 {
				t.Error("they differ")
			}
		})
	}
}
