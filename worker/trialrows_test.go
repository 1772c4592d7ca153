package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cognito-confirm/worker"
)

// delayedSink takes its time for one user.
type delayedSink struct {
	*outageRun
	username string
	takes    time.Duration
}

func (s delayedSink) Record(result worker.Result) error {
	if result.Row.Username == s.username {
		time.Sleep(s.takes)
	}
	return s.outageRun.Record(result)
}

// TestTrialAfterTrial: a trial that begins while the row of the last one still
// waits to be asked again loses neither row.
func TestTrialAfterTrial(t *testing.T) {
	inBubble(t, "two rows", func(t *testing.T) {
		r := newOutageRun(20)
		r.options.Concurrency = 2
		denied := answers(worker.Fatal, "AccessDeniedException")
		late := after(3*time.Second, denied)
		r.fails = func(_ time.Duration, username string) way {
			switch username {
			case outageUser(3):
				return denied
			case outageUser(2):
				return late // on the wire when the trial of the other begins and when it ends
			}
			return nil
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		err := r.pool().Run(ctx, r, delayedSink{r, outageUser(4), time.Minute})
		others, unfinished := r.statuses(t)
		if err != nil || unfinished > 0 || len(others) != 2 {
			t.Errorf("ended with %v, %d unfinished, %q; want that two have failed", err, unfinished, others)
		}
	})
}

// TestBadRowsAtTheEnd: when there is no other row to ask, nobody can tell them
// from the first rows of many. They stay undone, and the run ends, unless a row
// that was on its way gets through after them: then they have failed.
func TestBadRowsAtTheEnd(t *testing.T) {
	for _, verdict := range []worker.Verdict{worker.Fatal, worker.FatalIfRepeated} {
		for bad := 1; bad <= 3; bad++ {
			for _, concurrency := range []int{1, 2, 256} {
				inBubble(t, fmt.Sprintf("%d/%d rows/%d at a time", verdict, bad, concurrency), func(t *testing.T) {
					r := newOutageRun(50)
					r.options.Concurrency = concurrency
					var names []string
					for i := range bad {
						names = append(names, outageUser(50-i))
					}
					r.poisoned(answers(verdict, "AccessDeniedException"), names...)
					_, err := r.run(t.Context())
					failed, unfinished := r.statuses(t)
					_, isFatal := errors.AsType[*worker.FatalError](err)
					switch {
					case concurrency == 1 && (!isFatal || unfinished != bad):
						t.Errorf("ended with %v, %d unfinished, %q; want a fatal end", err, unfinished, failed)
					case isFatal && len(failed)+unfinished < bad, !isFatal && (err != nil || len(failed) != bad || unfinished != 0):
						t.Errorf("ended with %v, %d unfinished, %q; want each of the %d undone or failed", err, unfinished, failed, bad)
					}
					for _, row := range failed {
						if name, _, _ := strings.Cut(row, " "); !slices.Contains(names, name) {
							t.Errorf("%s, and it was not a bad row", row)
						}
					}
				})
			}
		}
	}
}

// TestBadRowsTogether: two rows that stand together do not end a run in which
// others got through before, and get through afterwards.
func TestBadRowsTogether(t *testing.T) {
	for _, verdict := range []worker.Verdict{worker.Fatal, worker.FatalIfRepeated} {
		for _, concurrency := range []int{1, 2, 3, 8, 256} {
			inBubble(t, fmt.Sprintf("%d/%d at a time", verdict, concurrency), func(t *testing.T) {
				r := newOutageRun(60)
				r.options.Concurrency = concurrency
				r.poisoned(answers(verdict, "AccessDeniedException"), outageUser(20), outageUser(21))
				_, err := r.run(t.Context())
				others, unfinished := r.statuses(t)
				if err != nil || unfinished > 0 || len(others) != 2 {
					t.Errorf("ended with %v, %d unfinished, %q; want that two have failed", err, unfinished, others)
				}
			})
		}
	}
}

// TestBadRowOfASlowSource: there is no other row yet, but there will be.
func TestBadRowOfASlowSource(t *testing.T) {
	for _, test := range []struct {
		bad   int
		wait  time.Duration
		fatal bool
	}{
		{1, time.Second, false},
		{1, 20 * time.Second, true}, // nothing got through before
		{2, time.Minute, false},
		{4, time.Hour, false},
	} {
		inBubble(t, fmt.Sprintf("row %d/%v", test.bad, test.wait), func(t *testing.T) {
			r := newOutageRun(5)
			r.poisoned(answers(worker.Fatal, "AccessDeniedException"), outageUser(test.bad))
			err := r.pool().Run(t.Context(), slowSource{r, test.wait}, r)
			others, _ := r.statuses(t)
			if _, ok := errors.AsType[*worker.FatalError](err); ok != test.fatal || !ok && len(others) != 1 {
				t.Errorf("ended with %v, %q", err, others)
			}
			if took := time.Since(r.start); test.fatal && took != 10*time.Second+r.interval {
				t.Errorf("took %v", took)
			}
			time.Sleep(test.wait) // the reader is still in Next
		})
	}
}

// slowSource waits before each row but the first, and before its end.
type slowSource struct {
	*outageRun
	wait time.Duration
}

func (s slowSource) Next() (worker.Row, error) {
	if s.next > 0 {
		time.Sleep(s.wait)
	} else {
		s.start = time.Now()
	}
	return s.outageRun.Next()
}

// bigSource has rows that fill the memory for rows.
type bigSource struct {
	*outageRun
	sizes []int
}

func (s bigSource) Next() (worker.Row, error) {
	row, err := s.outageRun.Next()
	if err == nil && s.next <= len(s.sizes) {
		row.Raw = string(make([]byte, s.sizes[s.next-1]))
	}
	return row, err
}

// TestTrialOfALongRow: a row that takes more than half of the memory for rows
// does not keep the next row from being asked.
func TestTrialOfALongRow(t *testing.T) {
	inBubble(t, "fatal", func(t *testing.T) {
		r := newOutageRun(200)
		r.poisoned(after(3*time.Second, answers(worker.Fatal, "AccessDeniedException")), outageUser(2))
		r.options.Concurrency = 2
		err := r.pool().Run(t.Context(), bigSource{r, []int{10, 20 << 20, 13 << 20}}, r)
		others, unfinished := r.statuses(t)
		if err != nil || unfinished > 0 || len(others) != 1 {
			t.Errorf("ended with %v, %d unfinished, %q; want that one has failed", err, unfinished, others)
		}
	})
}
