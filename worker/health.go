package worker

import (
	"context"
	"time"
)

// rowHealth is what one row's failed attempts say about the row.
type rowHealth struct {
	outages  int       // how many outages had ended when the counting began
	failures int       // attempts that failed in passing since
	first    time.Time // when the first of them had failed
}

// forget drops what was counted before the end of an outage: it was not the
// row's doing.
func (h *rowHealth) forget(outages int) {
	if outages != h.outages {
		*h = rowHealth{outages: outages}
	}
}

// backOff counts a failed attempt and waits before the next one. gaveUp says
// that there is to be none: the row has had its attempts, and others succeeded
// while it failed. One that has had them while nobody succeeded waits until
// another row has been asked, as all workers may be at rows like it, and is
// tried again whatever became of that: it may have been over in between. Where
// there is no other row it goes on trying, until the run stalls.
func (p *Pool) backOff(ctx context.Context, h *rowHealth, another func() error) (gaveUp bool, err error) {
	// An outage may have ended while the attempt was on the wire.
	h.forget(p.outage.number())
	if h.failures == 0 {
		h.first = time.Now()
	}
	h.failures++
	if p.isRowsFault(h) {
		return true, nil
	}
	if err := sleep(ctx, p.pause(h.failures)); err != nil {
		return false, err
	}
	h.forget(p.outage.number())
	if h.failures >= p.options.MaxAttempts && !p.isRowsFault(h) {
		return false, another()
	}
	return false, nil
}

func (p *Pool) isRowsFault(h *rowHealth) bool {
	return h.failures >= p.options.MaxAttempts && p.outage.healthySince(h.first)
}

// pause draws the wait after that many failures.
func (p *Pool) pause(failures int) time.Duration {
	return p.options.Jitter(backoffCeiling(failures))
}
