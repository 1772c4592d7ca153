package worker

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestLimitOnlyFalls: after this machine ran out of something, a later and
// larger number of calls in flight does not raise the limit again.
func TestLimitOnlyFalls(t *testing.T) {
	q := newQueue(64, newHealth(1, Options{}.WithDefaults(), nil))
	for _, step := range []struct{ inFlight, want int }{{20, 19}, {40, 19}, {5, 4}, {1, 1}, {0, 1}, {9, 1}} {
		if q.lower(step.inFlight); q.concurrency() != step.want {
			t.Errorf("after %d in flight the limit is %d, want %d", step.inFlight, q.concurrency(), step.want)
		}
	}
}

// TestExhaustedIsNobodysFailure, also while others get through.
func TestExhaustedIsNobodysFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHealth(1, Options{}.WithDefaults(), nil)
		h.watch(t.Context())
		defer h.idle()
		row, other := &rowHealth{}, &rowHealth{}
		for range 20 {
			time.Sleep(time.Second)
			h.observe(row, time.Now(), false, Answer{Verdict: Exhausted})
			time.Sleep(time.Second)
			h.observe(other, time.Now(), false, Answer{Verdict: Done})
		}
		if row.own != 0 {
			t.Errorf("%d failures are the row's own", row.own)
		}
	})
}

// TestThrottleEndsNoTrial: a throttle tells nothing about the accused row.
func TestThrottleEndsNoTrial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHealth(1, Options{}.WithDefaults(), nil)
		h.watch(t.Context())
		defer h.idle()
		h.observe(&rowHealth{}, time.Now(), true, Answer{Verdict: Done})
		accused := &task{}
		if d := h.accuse(accused, false, Answer{Verdict: Fatal}); d != setAside {
			t.Fatalf("decision %d, want that the row is set aside", d)
		}
		if !h.probe() {
			t.Fatal("no other row may be asked")
		}
		h.observe(&rowHealth{}, time.Now(), true, Answer{Verdict: Throttled})
		if held, _ := h.held(); !held || !h.isProbing() {
			t.Error("a throttle has ended the trial")
		}
		time.Sleep(time.Second)
		h.observe(&rowHealth{}, time.Now(), true, Answer{Verdict: Done})
		if held, _ := h.held(); held {
			t.Error("a row that got through has not ended the trial")
		}
		if d := h.accuse(accused, false, Answer{Verdict: Fatal}); d != finished {
			t.Errorf("decision %d, want that the row has failed", d)
		}
	})
}

// TestReaderWaitsForBytes: it is woken when half of them are free, and not
// before.
func TestReaderWaitsForBytes(t *testing.T) {
	q := newQueue(8, newHealth(1, Options{}.WithDefaults(), nil))
	q.isFull, q.count, q.bytes, q.unfinished = true, 1, maxBytes, 1
	if q.makeRoom(); !q.isFull {
		t.Error("woken with all bytes in use")
	}
	q.bytes = maxBytes / 2
	if q.makeRoom(); q.isFull {
		t.Error("not woken with half of the bytes free")
	}
}

// TestLastRowOfAnInputThatGoesOn: as long as more rows may come, the service's
// answers for one row tell nothing.
func TestLastRowOfAnInputThatGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, ended := range []bool{false, true} {
			h := newHealth(1, Options{}.WithDefaults(), nil)
			h.watch(t.Context())
			h.release(time.Now())
			q := newQueue(8, h)
			q.unfinished, q.ended = 1, ended
			q.retry(&task{stubborn: true}, time.Now())
			if next := q.pick(time.Now(), new(task)); next.task == nil || next.gaveUp != ended {
				t.Errorf("ended %v: %+v", ended, next)
			}
			q.close()
			h.idle()
		}
	})
}
