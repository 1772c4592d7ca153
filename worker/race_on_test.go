//go:build race

package worker_test

// underRace is whether the race detector is on.
const underRace = true
