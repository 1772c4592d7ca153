package worker

import (
	"math/rand/v2"
	"time"
)

const (
	// backoffBase is the ceiling of the first wait after a failed attempt: a
	// few round trips, so that a single hiccup costs next to nothing.
	backoffBase = 200 * time.Millisecond
	// backoffCap is the highest ceiling: long enough to let a service recover,
	// short enough that its recovery is noticed.
	backoffCap = 20 * time.Second
)

// Backoff draws how long to wait before the next attempt of a call that has failed
// that many times in a row, at least 1: the wait of a row in a pool.
func Backoff(failures int) time.Duration { return fullJitter(backoffCeiling(failures)) }

// backoffCeiling returns the longest wait after a number of failed attempts of a
// row, at least 1.
func backoffCeiling(failures int) time.Duration {
	ceiling := backoffBase
	for range failures - 1 {
		if ceiling *= 2; ceiling >= backoffCap {
			return backoffCap
		}
	}
	return ceiling
}

// fullJitter draws a wait from zero to the ceiling. Only the whole range spreads
// rows that failed together, so that they come back one by one.
//
// Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
func fullJitter(ceiling time.Duration) time.Duration {
	return rand.N(ceiling + 1)
}
