package worker_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"cognito-confirm/internal/racedetector"
	"cognito-confirm/worker"
)

// TestOutageFailsNoRow: an hour without an answer, for any reason and at any time,
// is waited out, and every row is done after it. While it lasts there is at most one
// call in flight, and the time between calls grows.
func TestOutageFailsNoRow(t *testing.T) {
	racedetector.Skip(t)
	starts := map[string]time.Duration{"start": 0, "middle": 3 * time.Second, "end": 7200 * time.Millisecond}
	for name, way := range outageWays() {
		inBubble(t, name, func(t *testing.T) { outageOfAnHour(t, way, starts["middle"], 8, 8) })
	}
	for when, from := range starts {
		for _, concurrency := range []int{1, 256} {
			for _, attempts := range []int{1, 8} {
				name := fmt.Sprintf("%s/%d rows/%d attempts", when, concurrency, attempts)
				inBubble(t, "refused/"+name, func(t *testing.T) { outageOfAnHour(t, refused, from, concurrency, attempts) })
				inBubble(t, "hanging/"+name, func(t *testing.T) { outageOfAnHour(t, hangs, from, concurrency, attempts) })
			}
		}
	}
}

func outageOfAnHour(t *testing.T, way way, from time.Duration, concurrency, attempts int) {
	const outage = time.Hour
	r := newOutageRun(150) // 7.5 seconds of work
	r.options.Concurrency, r.options.MaxAttempts, r.options.StallTimeout = concurrency, attempts, 2*time.Hour
	r.during(from, from+outage, way)
	took, err := r.run(t.Context())
	r.wantAllConfirmed(t, err)
	if limit := outage + 3*time.Minute; took < outage || took > limit {
		t.Errorf("took %v, want from %v to %v", took, outage, limit)
	}
	r.checkDispatchStopped(t, from+outage)
}

// checkDispatchStopped checks what is sent from the tenth failure in a row on.
func (r *outageRun) checkDispatchStopped(t *testing.T, end time.Duration) {
	t.Helper()
	var failed []*outageCall
	for _, call := range r.calls {
		if call.failed {
			failed = append(failed, call)
		}
	}
	ends := make([]time.Duration, len(failed))
	for i, call := range failed {
		ends[i] = call.ended
	}
	slices.Sort(ends)
	recognised := ends[9]
	probes := 0
	for _, call := range failed {
		if call.sent <= recognised {
			continue
		}
		probes++
		others := 0
		for _, other := range failed {
			if other != call && other.sent > recognised && other.sent <= call.sent && call.sent < other.ended {
				others++
			}
		}
		if others > 0 {
			t.Fatalf("a call at %v beside %d others that were sent after the outage was recognised at %v", call.sent, others, recognised)
		}
	}
	// Every 20 seconds, less the first minutes.
	if most := 20 + int((end-recognised)/(20*time.Second)); probes > most {
		t.Errorf("%d calls in the outage, want at most %d", probes, most)
	}
}

// TestShortOutageFailsNoRow: a few failures in a row, without a success between
// them, are not the rows' own, even with few attempts and one row in flight.
func TestShortOutageFailsNoRow(t *testing.T) {
	racedetector.Skip(t)
	for concurrency := 1; concurrency <= 3; concurrency++ {
		for _, attempts := range []int{1, 2, 3, 8} {
			for failures := 1; failures <= 12; failures++ {
				inBubble(t, fmt.Sprintf("%d rows/%d attempts/%d failures", concurrency, attempts, failures), func(t *testing.T) {
					r := newOutageRun(150)
					r.options.Concurrency, r.options.MaxAttempts = concurrency, attempts
					// No success falls between these failures.
					time.AfterFunc(3*time.Second, func() {
						r.answer(failures, answers(worker.Transient, "InternalErrorException"))
					})
					_, err := r.run(t.Context())
					r.wantAllConfirmed(t, err)
				})
			}
		}
	}
}

// TestFailureBeforeAnOutage: after a failure of the row's own, those in an outage
// are still the outage's, with few rows in flight and one of them hanging.
func TestFailureBeforeAnOutage(t *testing.T) {
	inBubble(t, "refused", func(t *testing.T) {
		r := newOutageRun(100)
		r.options.Concurrency = 2
		r.fails = func(since time.Duration, _ string) way {
			switch {
			case since == 50*time.Millisecond, 200*time.Millisecond <= since && since < 40*time.Second:
				return refused
			case since == 150*time.Millisecond:
				return hangs
			}
			return nil
		}
		_, err := r.run(t.Context())
		r.wantAllConfirmed(t, err)
	})
}
