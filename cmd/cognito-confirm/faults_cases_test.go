//go:build faults && linux && amd64

package main

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// faultCase is one way in which a scenario goes wrong.
type faultCase struct {
	name string
	rows int
	// pool is how the stand-in behaves. The zero value answers after 2 to 7 ms.
	pool fakecognito.Options
	// skip, unless nil, says that the case has turned out to be void.
	skip func() bool
	// play lets things go wrong. What is left to do afterwards is resumed.
	play func(*scenario) error
}

// playAll plays so many cases at a time, with the oracle after each, and logs
// the figures of all of them. A case that fails says what its runs have said.
func playAll(t *testing.T, binary string, width int, cases []faultCase) {
	t.Helper()
	var (
		mu       sync.Mutex
		sum      verdictOnRuns
		deaths   int
		wait     sync.WaitGroup
		turn     = make(chan struct{}, width)
		started  = time.Now()
		played   int
		failures int
	)
	for _, c := range cases {
		turn <- struct{}{}
		wait.Go(func() {
			defer func() { <-turn }()
			if c.skip != nil && c.skip() {
				return
			}
			died, verdict, err := c.playOn(t, binary)
			mu.Lock()
			defer mu.Unlock()
			played++
			deaths += died
			sum.rows += verdict.rows
			sum.lost += verdict.lost
			sum.repeated += verdict.repeated
			if err != nil {
				failures++
				t.Errorf("%s: %v", c.name, err)
			}
		})
	}
	wait.Wait()
	t.Logf("%s: %d cases in %v: %d deaths, %d rows, %d calls for rows that were done, %d rows lost, %d failures",
		t.Name(), played, time.Since(started).Round(time.Second), deaths, sum.rows, sum.repeated, sum.lost, failures)
}

func (c *faultCase) playOn(t *testing.T, binary string) (deaths int, verdict verdictOnRuns, err error) {
	if c.pool.Latency == 0 {
		c.pool.Latency, c.pool.LatencyJitter = 2*time.Millisecond, 5*time.Millisecond
	}
	s, err := newScenario(t, binary, c.rows, c.pool)
	if err != nil {
		return 0, verdictOnRuns{}, err
	}
	if err = c.play(s); err == nil {
		verdict, err = s.finish(2000)
	}
	if err = errors.Join(err, s.close()); err != nil {
		err = fmt.Errorf("%w\n%s", err, &s.log)
	}
	return s.deaths, verdict, err
}

// under runs the program to its end under a strike.
func (s *scenario) under(what strike, rate float64, flags ...string) (status syscall.WaitStatus, seen int, struck time.Time, err error) {
	said, err := os.CreateTemp("", "")
	if err != nil {
		return 0, 0, time.Time{}, err
	}
	defer said.Close()
	if err := os.Remove(said.Name()); err != nil {
		return 0, 0, time.Time{}, err
	}
	status, seen, struck, err = traced(s.command(rate, flags), os.ProcAttr{Dir: s.dir, Env: s.environ(), Files: []*os.File{nil, nil, said}}, what)
	text := make([]byte, 64<<10)
	n, _ := said.ReadAt(text, 0)
	s.note(status, rate, string(text[:n]))
	return status, seen, struck, err
}

// finish resumes until the end of the input and holds what is in the files
// against what the stand-in has seen.
func (s *scenario) finish(rate float64) (verdictOnRuns, error) {
	r, err := s.begin(rate, "--resume")
	if err != nil {
		return verdictOnRuns{}, err
	}
	status, err := r.wait()
	if err != nil {
		return verdictOnRuns{}, err
	}
	if status.ExitStatus() != exitUnsuccess {
		return verdictOnRuns{}, fmt.Errorf("the last run: %s, want %d", describe(status), exitUnsuccess)
	}
	return s.judge()
}
