package ratelimit

// An ending is how an attempt ended.
type ending int

const (
	// taken: the service did what was asked, or refused for a reason that has
	// nothing to do with the rate.
	taken ending = iota
	// throttled: the service refused the attempt because of the rate.
	throttled
	// failed: the attempt failed transiently or nobody answered. Some services
	// refuse their surplus that way, so where the difference does not matter, a
	// call is refused when it was throttled or failed.
	failed
)
