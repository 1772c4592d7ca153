package worker

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestOutageThatTurnsIntoATrial: calls sent in the outage are not failures of their
// rows, also when the outage ended with the trial of a row.
func TestOutageThatTurnsIntoATrial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHealth(1, Options{StallTimeout: time.Hour}.WithDefaults(), func(error) {})
		defer h.idle()
		h.watch(t.Context())
		h.observe(&rowHealth{}, time.Now(), true, Answer{Verdict: Done})
		row := rowHealth{}
		sent := time.Now()
		for range outageAfter {
			h.observe(&row, sent, false, Answer{})
		}
		if h.outage.IsZero() {
			t.Fatal("no outage")
		}
		row = rowHealth{failures: 1, failedAt: time.Now()}
		time.Sleep(time.Second)
		h.accuse(&task{}, true, Answer{Verdict: Fatal})
		time.Sleep(time.Second)
		h.observe(&rowHealth{}, time.Now(), true, Answer{Verdict: Done})
		time.Sleep(time.Second)
		h.observe(&row, sent, false, Answer{})
		if row.own > 0 {
			t.Error("a call that was sent in the outage is the row's own failure")
		}
	})
}
