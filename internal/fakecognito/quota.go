package fakecognito

import (
	"math"
	"time"
)

// Quota is a quota of the account: UserCreation, which SignUp, AdminConfirmSignUp
// and the simulated live traffic share, or UserList. The zero value is no quota at
// all.
type Quota struct {
	// Rate is the calls a second that are granted on average.
	Rate float64

	// Burst is the capacity of the token bucket, in calls; it starts full. Zero
	// means one second's worth of Rate. With a Rate, less than one call is
	// rounded up to one; otherwise no call would ever pass. A Burst without
	// a Rate is granted once and never refilled.
	Burst float64

	// Window, when it is not zero, replaces the bucket by a counter that grants
	// Rate x Window calls (at least one) in every window of this length and is
	// reset at its end. Burst is ignored then.
	Window time.Duration

	// Blocked is a quota of zero: every call is refused, whatever the other
	// fields are.
	Blocked bool

	// Refusal is how a call over the quota is refused. The zero value is
	// the service's own way.
	Refusal Refusal
}

// SetQuota changes the UserCreation quota at once. It keeps the tokens that are left, up to the
// new capacity. A server that had no quota before starts with a full bucket, a
// blocked one with an empty bucket.
func (s *Server) SetQuota(quota Quota) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bucket.set(time.Now(), quota)
	s.refusal = quota.Refusal
}

// nanos is the nanoseconds in a second, and the units of a level in a token.
const nanos = float64(time.Second)

// bucket is a token bucket. It is not safe for concurrent use.
//
// The level is in billionths of a token, so that a refill is nanoseconds times
// rate. For whole rates every level is then a whole number, which float64 holds
// exactly, and a call is granted at the exact nanosecond. In seconds and tokens,
// rounding would shift it.
type bucket struct {
	rate     float64 // tokens a second
	capacity float64 // billionths of a token; +Inf for no quota
	level    float64 // billionths of a token
	window   time.Duration
	last     time.Time // of the last refill
}

func newBucket(now time.Time, quota Quota) bucket {
	// An infinite level makes the first quota start with a full bucket.
	b := bucket{level: math.Inf(1), last: now}
	b.set(now, quota)
	return b
}

func (b *bucket) set(now time.Time, quota Quota) {
	b.refill(now)
	b.rate, b.window, b.last = quota.Rate, quota.Window, now
	switch {
	case quota.Blocked:
		b.rate, b.capacity = 0, 0
	case quota.Rate == 0 && quota.Burst == 0:
		b.capacity = math.Inf(1)
		b.level = b.capacity
	case quota.Rate == 0:
		b.capacity = quota.Burst * nanos
	case quota.Window > 0:
		b.capacity = max(math.Floor(quota.Rate*quota.Window.Seconds()), 1) * nanos
	case quota.Burst == 0:
		b.capacity = max(quota.Rate, 1) * nanos
	default:
		b.capacity = max(quota.Burst, 1) * nanos
	}
	b.level = min(b.level, b.capacity)
}

// take draws one token and reports whether there was one. A time before that of
// an earlier call counts as the time of that call.
func (b *bucket) take(now time.Time) bool {
	b.refill(now)
	if b.level < nanos {
		return false
	}
	b.level -= nanos
	return true
}

func (b *bucket) refill(now time.Time) {
	elapsed := now.Sub(b.last)
	if elapsed <= 0 {
		return
	}
	if b.window > 0 {
		if windows := elapsed / b.window; windows > 0 && b.rate > 0 {
			b.last = b.last.Add(windows * b.window)
			b.level = b.capacity
		}
		return
	}
	b.last = now
	if b.rate > 0 {
		b.level = min(b.level+float64(elapsed)*b.rate, b.capacity)
	}
}
