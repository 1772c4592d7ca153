package ratelimit

// A Reason is why the rate is what it is.
type Reason int

const (
	// Finding: the quota is not known yet. The rate grows until calls are
	// throttled, and settles after they were.
	Finding Reason = iota
	// Cruising: the rate stays a little below the ceiling.
	Cruising
	// Probing: the rate feels its way up, because the quota may have grown.
	Probing
	// Yielding: calls were throttled below the ceiling, so somebody else needs
	// the quota, and the rate stands back.
	Yielding
	// Limited: too few calls are answered to learn anything. The number of
	// calls in flight or their latency is the limit, not the quota.
	Limited
	// Capped: the rate is all that the cap allows.
	Capped
	// Failing: calls fail transiently or get no answer, too many for the rate to
	// grow.
	Failing
)

var reasons = [...]string{
	Finding:  "finding the quota",
	Cruising: "cruising below it",
	Probing:  "probing",
	Yielding: "yielding to other traffic",
	Limited:  "limited by concurrency or latency",
	Capped:   "at the cap",
	Failing:  "held back by failures of the service",
}

// String returns the reason in plain words.
func (r Reason) String() string {
	if r < 0 || int(r) >= len(reasons) {
		return "unknown"
	}
	return reasons[r]
}
