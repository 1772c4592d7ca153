//go:build race

package main

// underRace is whether the race detector is on.
const underRace = true
