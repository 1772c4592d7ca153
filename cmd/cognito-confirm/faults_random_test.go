//go:build faults && linux && amd64

package main

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// TestFaultsKillAtRandomMoments kills longer runs at 100 random moments, ten
// times each, the resumed ones too.
func TestFaultsKillAtRandomMoments(t *testing.T) {
	t.Parallel()
	const runs, deaths = 10, 10
	binary := buildProgram(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	var cases []faultCase
	for i := range uint64(runs) {
		random := rand.New(rand.NewPCG(seed, i))
		cases = append(cases, faultCase{
			name: fmt.Sprintf("run %d of seed %d", i, seed),
			rows: 8000,
			pool: fakecognito.Options{Latency: 5 * time.Millisecond, LatencyJitter: 40 * time.Millisecond, Seed: i},
			play: func(s *scenario) error {
				s.concurrency = 64
				for range deaths {
					if err := s.killAfter(time.Duration(random.Int64N(int64(900 * time.Millisecond)))); err != nil {
						return err
					}
				}
				return nil
			},
		})
	}
	playAll(t, binary, 3, cases)
}

// killAfter resumes the scenario and kills the run that long after its start.
func (s *scenario) killAfter(moment time.Duration) error {
	r, err := s.begin(1000, "--resume")
	if err != nil {
		return err
	}
	timer := time.NewTimer(moment)
	defer timer.Stop()
	select {
	case <-r.ended:
	case <-timer.C:
		_ = r.Process.Kill()
	}
	_, err = r.wait()
	return err
}
