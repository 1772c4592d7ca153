//go:build race

package racedetector

// On is whether the race detector is on.
const On = true
