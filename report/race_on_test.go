//go:build race

package report_test

// underRace is whether the race detector is on.
const underRace = true
