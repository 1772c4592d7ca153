package worker_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/worker"
)

// TestOutageFailsNoRow: an hour without an answer, of whatever kind and
// whenever, is waited out and is no row's failure. While it lasts there is no
// more than one call in flight, and fewer and fewer of them.
func TestOutageFailsNoRow(t *testing.T) {
	starts := map[string]time.Duration{"start": 0, "middle": 3 * time.Second, "end": 7200 * time.Millisecond}
	for name, way := range outageWays() {
		inOutageBubble(t, name, func(t *testing.T) { outageOfAnHour(t, way, starts["middle"], 8, 8) })
	}
	for when, from := range starts {
		for _, concurrency := range []int{1, 256} {
			for _, attempts := range []int{1, 8} {
				name := fmt.Sprintf("%s/%d rows/%d attempts", when, concurrency, attempts)
				inOutageBubble(t, "refused/"+name, func(t *testing.T) { outageOfAnHour(t, outageRefused, from, concurrency, attempts) })
				inOutageBubble(t, "hanging/"+name, func(t *testing.T) { outageOfAnHour(t, outageHangs, from, concurrency, attempts) })
			}
		}
	}
}

func outageOfAnHour(t *testing.T, way outageWay, from time.Duration, concurrency, attempts int) {
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

// TestShortOutageFailsNoRow: a few failures in a row that nothing succeeds
// between are no row's doing either, few as its attempts may be and with nobody
// beside it.
func TestShortOutageFailsNoRow(t *testing.T) {
	for concurrency := 1; concurrency <= 3; concurrency++ {
		for _, attempts := range []int{1, 2, 3, 8} {
			for failures := 1; failures <= 12; failures++ {
				inOutageBubble(t, fmt.Sprintf("%d rows/%d attempts/%d failures", concurrency, attempts, failures), func(t *testing.T) {
					r := newOutageRun(150)
					r.options.Concurrency, r.options.MaxAttempts = concurrency, attempts
					// Failures that nobody else's success falls between.
					time.AfterFunc(3*time.Second, func() {
						r.service.SetFaultShare(1, fakecognito.Fault{Code: "InternalErrorException", Times: failures})
					})
					_, err := r.run(t.Context())
					r.wantAllConfirmed(t, err)
				})
			}
		}
	}
}

// TestPoisonedRow: who fails while others succeed has failed, after as many
// attempts as there are. Nobody can succeed while a first attempt is the only
// one, so it takes a second.
func TestPoisonedRow(t *testing.T) {
	for _, attempts := range []int{1, 8} {
		for _, concurrency := range []int{3, 256} {
			for name, users := range map[string][]int{"one": {7}, "the first": {1}, "two": {7, 90}, "two that are neighbours": {50, 51}} {
				inOutageBubble(t, fmt.Sprintf("%s/%d rows/%d attempts", name, concurrency, attempts), func(t *testing.T) {
					r := newOutageRun(600) // more than are in flight: some come after whoever fails
					r.options.Concurrency, r.options.MaxAttempts = concurrency, attempts
					var names, want []string
					for _, user := range users {
						names = append(names, outageUser(user))
						want = append(want, fmt.Sprintf("%s failed InternalErrorException %d", outageUser(user), max(2, attempts)))
					}
					r.poisoned(outageAnswer(fakecognito.Fault{Code: "InternalErrorException"}), names...)
					_, err := r.run(t.Context())
					if others, unfinished := r.statuses(t); err != nil || unfinished > 0 || !slices.Equal(others, want) {
						t.Errorf("ended with %v, %d unfinished, %q; want %q", err, unfinished, others, want)
					}
				})
			}
		}
	}
}

// TestPoisonedRowWithoutCompany: where there is room for no other row, one that
// keeps failing must not keep the others from being asked.
func TestPoisonedRowWithoutCompany(t *testing.T) {
	for concurrency := 1; concurrency <= 3; concurrency++ {
		inOutageBubble(t, fmt.Sprint(concurrency), func(t *testing.T) {
			r := newOutageRun(1500)
			r.options.Concurrency = concurrency
			var names []string
			for user := range concurrency {
				names = append(names, outageUser(10+user))
			}
			r.poisoned(outageRefused, names...)
			_, err := r.run(t.Context())
			others, unfinished := r.statuses(t)
			if err != nil || unfinished > 0 || len(others) != concurrency {
				t.Errorf("ended with %v, %d unfinished, %q; want that those who are refused have failed", err, unfinished, others)
			}
		})
	}
}

// TestPoisonedRowInAnOutage: it does not keep the outage alive, because the
// others are asked in turn.
func TestPoisonedRowInAnOutage(t *testing.T) {
	for _, concurrency := range []int{2, 8, 256} {
		inOutageBubble(t, fmt.Sprint(concurrency), func(t *testing.T) {
			const end = 10 * time.Minute
			r := newOutageRun(400)
			r.options.Concurrency, r.options.StallTimeout = concurrency, time.Hour
			r.during(time.Second, end, outageRefused)
			r.poisoned(outageRefused, outageUser(20))
			took, err := r.run(t.Context())
			if limit := end + 2*20*time.Second + 100*time.Second; took > limit {
				t.Errorf("took %v, want at most %v", took, limit)
			}
			others, unfinished := r.statuses(t)
			if err != nil || unfinished > 0 || len(others) != 1 || others[0][:15] != "user0020 failed" {
				t.Errorf("ended with %v, %d unfinished, %q; want that the one has failed", err, unfinished, others)
			}
		})
	}
}

// statuses lists the rows that did not end as confirmed, and checks that each
// row has one result; unfinished are those that have none.
func (r *outageRun) statuses(t *testing.T) (others []string, unfinished int) {
	t.Helper()
	seen := make(map[int]bool)
	for _, result := range r.results {
		if seen[result.Row.Line] {
			t.Errorf("line %d has two results", result.Row.Line)
		}
		seen[result.Row.Line] = true
		if result.Status != worker.StatusConfirmed {
			others = append(others, fmt.Sprintf("%s %s %s %d", result.Row.Username, result.Status, result.Code, result.Attempts))
		}
	}
	slices.Sort(others)
	return others, r.rows - len(seen)
}

// wantAllConfirmed checks that the outage was nobody's failure.
func (r *outageRun) wantAllConfirmed(t *testing.T, err error) {
	t.Helper()
	if others, unfinished := r.statuses(t); err != nil || others != nil || unfinished > 0 {
		t.Errorf("ended with %v, %d rows without a result and %q; want that all are confirmed", err, unfinished, others)
	}
}

// wantStall checks that the run stalled, with no row failed for it.
func (r *outageRun) wantStall(t *testing.T, err error, code string) {
	t.Helper()
	stall, ok := errors.AsType[*worker.StallError](err)
	if !ok || stall.Timeout != r.options.StallTimeout || stall.Code != code {
		t.Errorf("ended with %v, want a stall for %s after %v", err, code, r.options.StallTimeout)
	}
	if others, _ := r.statuses(t); others != nil {
		t.Errorf("results %q, want none but confirmed", others)
	}
}

// inOutageBubble runs a test in virtual time.
func inOutageBubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, test)
	})
}
