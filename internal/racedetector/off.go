//go:build !race

package racedetector

// on is whether the race detector is on.
const on = false
