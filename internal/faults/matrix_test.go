//go:build unix

package faults

import (
	"errors"
	"fmt"
	"sync"
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
	// skip reports whether the case did not apply after all. Nil: it does.
	skip func() bool
	// play lets things go wrong. A last run resumes what is left.
	play func(*scenario) error
}

// playAll plays the cases, width of them side by side, and logs their totals. A
// case that fails shows the output of its runs.
func playAll(t *testing.T, width int, cases []faultCase) {
	t.Helper()
	buildProgram(t)
	var (
		mu               sync.Mutex
		total            judgement
		deaths           int
		played, failures int
		wait             sync.WaitGroup
		turn             = make(chan struct{}, width)
		started          = time.Now()
	)
	for _, c := range cases {
		turn <- struct{}{}
		wait.Go(func() {
			defer func() { <-turn }()
			if c.skip != nil && c.skip() {
				return
			}
			died, judged, err := c.playOn(t)
			mu.Lock()
			defer mu.Unlock()
			played++
			deaths += died
			total.rows += judged.rows
			total.lost += judged.lost
			total.repeated += judged.repeated
			if err != nil {
				failures++
				t.Errorf("%s: %v", c.name, err)
			}
		})
	}
	wait.Wait()
	t.Logf("%s: %d cases in %v: %d deaths, %d rows, %d calls for rows that were done, %d rows lost, %d failures",
		t.Name(), played, time.Since(started).Round(time.Second), deaths, total.rows, total.repeated, total.lost, failures)
}

func (c *faultCase) playOn(t *testing.T) (deaths int, judged judgement, err error) {
	if c.pool.Latency == 0 {
		c.pool.Latency, c.pool.LatencyJitter = 2*time.Millisecond, 5*time.Millisecond
	}
	s, err := newScenario(t, c.rows, c.pool)
	if err != nil {
		return 0, judgement{}, err
	}
	if err = c.play(s); err == nil {
		judged, err = s.finish()
	}
	if err = errors.Join(err, s.close()); err != nil {
		err = fmt.Errorf("%w\n%s", err, &s.log)
	}
	return s.deaths, judged, err
}

// finish resumes to the end of the input and has the oracle judge the files.
func (s *scenario) finish() (judgement, error) {
	if err := s.toTheEnd(s.begin(2000, "--resume")); err != nil {
		return judgement{}, fmt.Errorf("the last run: %w", err)
	}
	return s.judge()
}

// toTheEnd waits for a run that must reach the end of the input.
func (s *scenario) toTheEnd(r *running, err error) error {
	if err != nil {
		return err
	}
	status, err := r.wait()
	if err != nil {
		return err
	}
	if want := s.finalStatus(); status.ExitStatus() != want {
		return fmt.Errorf("%s, want %d", describe(status), want)
	}
	return nil
}

// finalStatus is the exit status of a run that reaches the end of the input.
func (s *scenario) finalStatus() int {
	for _, row := range s.rows {
		if row.status != "confirmed" && row.status != "already_confirmed" {
			return exitUnsuccess
		}
	}
	return exitDone
}
