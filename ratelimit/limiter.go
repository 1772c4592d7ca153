// Package ratelimit paces the calls of a bulk run over golang.org/x/time/rate.
//
// The one idea: one waiter at a time. A token bucket hands out reservations,
// and a change of pace does nothing to those already handed out, so all but
// one of the callers wait at a turnstile in front of it.
package ratelimit

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// Options say how fast a run may go.
type Options struct {
	// Cap is how many attempts a second are granted. Required, above 0.
	Cap float64
}

// Limiter grants attempts at a fixed rate. It is safe for concurrent use.
type Limiter struct {
	bucket *rate.Limiter
	// turn is a channel and not a mutex, because waiting honours the context.
	turn chan struct{}
}

// burstSpan is how much of a second may be granted at once: a burst of one
// could not pace rates at which timers are too coarse.
const burstSpan = 10 * time.Millisecond

// New returns a limiter.
func New(o Options) *Limiter {
	burst := max(1, int(o.Cap*burstSpan.Seconds()))
	return &Limiter{bucket: rate.NewLimiter(rate.Limit(o.Cap), burst), turn: make(chan struct{}, 1)}
}

// Wait returns when one attempt may be sent, or an error when the context ends.
func (l *Limiter) Wait(ctx context.Context) error {
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l.turn }()
	return l.bucket.Wait(ctx)
}

// Observe takes in that an attempt was answered. At a fixed rate there is
// nothing to learn from it: a throttled attempt pays a new token like any other.
func (l *Limiter) Observe(time.Time, bool) {}
