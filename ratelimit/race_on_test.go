//go:build race

package ratelimit

// underRace is whether the race detector is on.
const underRace = true
