package worker_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"cognito-confirm/worker"
)

// TestPoisonedRow: a row that fails while others succeed has failed, after
// MaxAttempts. It takes at least two, so that another row can succeed in between.
func TestPoisonedRow(t *testing.T) {
	for _, attempts := range []int{1, 8} {
		for _, concurrency := range []int{3, 256} {
			for name, users := range map[string][]int{"one": {7}, "the first": {1}, "two": {7, 90}, "two that are neighbours": {50, 51}} {
				inBubble(t, fmt.Sprintf("%s/%d rows/%d attempts", name, concurrency, attempts), func(t *testing.T) {
					r := newOutageRun(600) // more than are in flight: some come after whoever fails
					r.options.Concurrency, r.options.MaxAttempts = concurrency, attempts
					var names, want []string
					for _, user := range users {
						names = append(names, outageUser(user))
						want = append(want, fmt.Sprintf("%s failed InternalErrorException %d", outageUser(user), max(2, attempts)))
					}
					r.poisoned(answers(worker.Transient, "InternalErrorException"), names...)
					_, err := r.run(t.Context())
					if others, unfinished := r.statuses(t); err != nil || unfinished > 0 || !slices.Equal(others, want) {
						t.Errorf("ended with %v, %d unfinished, %q; want %q", err, unfinished, others, want)
					}
				})
			}
		}
	}
}

// TestPoisonedRowWithoutCompany: at a concurrency of one, a row that keeps failing
// must not block the others.
func TestPoisonedRowWithoutCompany(t *testing.T) {
	for concurrency := 1; concurrency <= 3; concurrency++ {
		inBubble(t, fmt.Sprint(concurrency), func(t *testing.T) {
			r := newOutageRun(1500)
			r.options.Concurrency = concurrency
			var names []string
			for user := range concurrency {
				names = append(names, outageUser(10+user))
			}
			r.poisoned(refused, names...)
			_, err := r.run(t.Context())
			others, unfinished := r.statuses(t)
			if err != nil || unfinished > 0 || len(others) != concurrency {
				t.Errorf("ended with %v, %d unfinished, %q; want that those who are refused have failed", err, unfinished, others)
			}
		})
	}
}

// TestPoisonedNeighbours: with every worker at a row that is refused, the others
// are asked all the same.
func TestPoisonedNeighbours(t *testing.T) {
	for _, test := range []struct{ concurrency, poisoned int }{{1, 3}, {4, 4}, {8, 8}, {8, 20}, {16, 16}} {
		inBubble(t, fmt.Sprintf("%d rows/%d of them", test.concurrency, test.poisoned), func(t *testing.T) {
			r := newOutageRun(900)
			r.options.Concurrency = test.concurrency
			var names []string
			for user := range test.poisoned {
				names = append(names, outageUser(50+user))
			}
			r.poisoned(answers(worker.Transient, "InternalErrorException"), names...)
			_, err := r.run(t.Context())
			if others, unfinished := r.statuses(t); err != nil || unfinished > 0 || len(others) != test.poisoned {
				t.Errorf("ended with %v, %d unfinished, %q; want that those who are refused have failed", err, unfinished, others)
			}
		})
	}
}

// TestPoisonedRowInAnOutage: it does not keep the outage alive, because the
// others are asked in turn.
func TestPoisonedRowInAnOutage(t *testing.T) {
	for _, concurrency := range []int{2, 8, 256} {
		inBubble(t, fmt.Sprint(concurrency), func(t *testing.T) {
			const end = 10 * time.Minute
			r := newOutageRun(400)
			r.options.Concurrency, r.options.StallTimeout = concurrency, time.Hour
			r.during(time.Second, end, refused)
			r.poisoned(refused, outageUser(20))
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

// TestExhaustedIsNoFailureOfTheRow: with two attempts, one that was never sent and
// one that failed leave the row a third.
func TestExhaustedIsNoFailureOfTheRow(t *testing.T) {
	inBubble(t, "then one failure", func(t *testing.T) {
		r := newOutageRun(100)
		r.options.MaxAttempts = 2
		calls := 0
		r.fails = func(_ time.Duration, username string) way {
			if username != outageUser(20) {
				return nil
			}
			switch calls++; calls {
			case 1:
				return answers(worker.Exhausted, "no_descriptors")
			case 2:
				return refused
			}
			return nil
		}
		_, err := r.run(t.Context())
		r.wantAllConfirmed(t, err)
	})
}
