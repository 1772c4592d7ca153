package worker_test

import (
	"context"
	"errors"
	"fmt"
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

// fatalVerdicts are those of an answer that may be for all rows.
var fatalVerdicts = []worker.Verdict{worker.Fatal, worker.FatalIfRepeated}

// eachFatal runs a test with each of them, of a run that fails for some rows alone, at
// several concurrencies.
func eachFatal(t *testing.T, rows int, bad []int, test func(t *testing.T, r *outageRun)) {
	t.Helper()
	for _, verdict := range fatalVerdicts {
		for _, concurrency := range []int{1, 2, 3, 8, 256} {
			inBubble(t, fmt.Sprintf("%d/rows %d/%d at a time", verdict, bad, concurrency), func(t *testing.T) {
				r := newOutageRun(rows)
				r.options.Concurrency = concurrency
				var names []string
				for _, row := range bad {
					names = append(names, outageUser(row))
				}
				r.poisoned(answers(verdict, "AccessDeniedException"), names...)
				test(t, r)
			})
		}
	}
}

// wantFailed wants that only these rows have failed, and all others are confirmed.
func (r *outageRun) wantFailed(t *testing.T, err error, bad []int) {
	t.Helper()
	others, unfinished := r.statuses(t)
	if err != nil || unfinished > 0 || len(others) != len(bad) {
		t.Errorf("ended with %v, %d unfinished, %q; want that rows %d have failed", err, unfinished, others, bad)
		return
	}
	for i, row := range bad {
		if !strings.HasPrefix(others[i], outageUser(row)+" failed AccessDeniedException") {
			t.Errorf("%q, want that rows %d have failed", others, bad)
		}
	}
}

// TestBadRows: one or two rows that get a fatal answer do not end a run in which another
// row succeeds, wherever they are. After the last row, one that has succeeded is asked.
func TestBadRows(t *testing.T) {
	for _, bad := range [][]int{{20, 21}, {60}, {59, 60}, {1, 30, 60}} {
		eachFatal(t, 60, bad, func(t *testing.T, r *outageRun) {
			_, err := r.run(t.Context())
			r.wantFailed(t, err, bad)
		})
	}
}

// TestBadRowsThatStopTheRun: three bad rows that stand together may do so. Runs that go on
// come to the end all the same, as each begins with asking the row of an earlier run that
// has succeeded.
func TestBadRowsThatStopTheRun(t *testing.T) {
	for _, bad := range [][]int{{20, 21, 22}, {20, 21, 22, 23, 24, 25, 26}, {58, 59, 60}} {
		eachFatal(t, 60, bad, func(t *testing.T, r *outageRun) {
			for range 5 {
				_, err := r.run(t.Context())
				if err == nil {
					r.wantFailed(t, nil, bad)
					return
				}
				if _, ok := errors.AsType[*worker.FatalError](err); !ok {
					t.Fatal(err)
				}
				r.resume()
			}
			others, unfinished := r.statuses(t)
			t.Errorf("after five runs %d rows are left, %q", unfinished, others)
		})
	}
}

// TestBadRowsAreLeft: a run that goes on with nothing but bad rows asks the row that an
// earlier run has succeeded with, and has no result for it.
func TestBadRowsAreLeft(t *testing.T) {
	for _, bad := range [][]int{{1}, {1, 2}, {1, 2, 3}} {
		eachFatal(t, len(bad), bad, func(t *testing.T, r *outageRun) {
			r.options.Succeeded = worker.Row{Line: 1000, Username: outageUser(999)}
			_, err := r.run(t.Context())
			r.wantFailed(t, err, bad)
			asked := 0
			for _, call := range r.calls {
				if call.username == outageUser(999) {
					asked++
				}
			}
			if asked < 1 || asked > len(bad) {
				t.Errorf("the row that has succeeded was asked %d times", asked)
			}
		})
	}
}

// TestNobodySucceeds: with the row of an earlier run, too, an answer that all rows get ends
// the run, and no row has failed. So it does when that row's answer tells nothing.
func TestNobodySucceeds(t *testing.T) {
	for name, way := range map[string]way{"fatal": answers(worker.Fatal, "AccessDeniedException"), "transient": answers(worker.Transient, "http_503")} {
		eachFatal(t, 1, []int{1}, func(t *testing.T, r *outageRun) {
			r.options.Succeeded = worker.Row{Line: 1000, Username: outageUser(999)}
			r.poisoned(way, outageUser(999))
			_, err := r.run(t.Context())
			if fatal, ok := errors.AsType[*worker.FatalError](err); !ok || fatal.Line != 2 || len(r.results) > 0 {
				t.Errorf("%s: ended with %v, results %+v", name, err, r.results)
			}
		})
	}
}

// TestBadRowOfTheSecondStep: the row that has succeeded is asked with the operation that
// the fatal answer is about.
func TestBadRowOfTheSecondStep(t *testing.T) {
	eachStep(t, "bad", 20, func(t *testing.T, s twoSteps, bad, _ *outageRun) {
		bad.poisoned(answers(worker.Fatal, "AccessDeniedException"), outageUser(20))
		_, err := s.run(t.Context())
		others, unfinished := s[0].statuses(t)
		if err != nil || unfinished > 0 || len(others) != 1 || !strings.HasPrefix(others[0], outageUser(20)) {
			t.Errorf("ended with %v, %d unfinished, %q; want that the last has failed", err, unfinished, others)
		}
	})
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
