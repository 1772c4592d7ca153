package worker

import (
	"context"
	"time"
)

// rowHealth is what one row's failed attempts say about the row. A failure is
// the row's own when something else has succeeded since the one before it, and
// no outage fell upon the attempt: otherwise it may be nobody's fault. The first
// is the row's own when a second one is.
type rowHealth struct {
	failures int       // attempts that failed in passing
	own      int       // those of them that are the row's own
	last     time.Time // when the last of them had failed
	suspect  bool      // there is no attempt left, and some failures were its own
}

// backOff counts a failed attempt, sent then, and waits before the next one.
// gaveUp says that there is to be none: all attempts failed, each of them by
// itself. Unless something has succeeded meanwhile, another row is asked before
// this one is asked again, as all workers may be at rows like it. When there is
// no other row, and none in flight but such as this one, a failure of its own
// at any time will do; without one it goes on, until the run stalls.
func (p *Pool) backOff(ctx context.Context, h *rowHealth, sent time.Time) (gaveUp bool, err error) {
	now := time.Now()
	if h.failures == 0 {
		h.last = now
	}
	if p.outage.healthySince(h.last) && !p.outage.endedSince(sent) {
		if h.own == 0 && h.failures > 0 {
			h.own = 1
		}
		h.own++
	}
	h.failures++
	h.last = now
	if h.own >= p.options.MaxAttempts {
		return true, nil
	}
	if h.own > 0 && h.failures >= p.options.MaxAttempts && !h.suspect {
		h.suspect = true
		p.suspects.Add(1)
	}
	if err := sleep(ctx, p.pause(h.failures)); err != nil {
		return false, err
	}
	if p.outage.healthySince(h.last) {
		return false, nil
	}
	if next, taken := p.rows.tryNext(); taken {
		return false, p.finish(ctx, next)
	}
	return h.suspect && p.suspects.Load() == p.unfinished.Load(), nil
}

// pause draws the wait after that many failures.
func (p *Pool) pause(failures int) time.Duration {
	return p.options.Jitter(backoffCeiling(failures))
}
