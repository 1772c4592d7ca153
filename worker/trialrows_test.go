package worker_test

import (
	"context"
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
