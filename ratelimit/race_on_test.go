//go:build race

package ratelimit

// underRace is whether the race detector watches. It makes a simulation ten
// times as slow, and has nothing to find in one.
const underRace = true
