// Package racedetector knows whether the tests run with the race detector.
//
// The one idea in it: a test that only computes, or only starts processes, has nothing
// to race and takes up to ten times as long with the detector. make race leaves it to
// make test.
package racedetector

import "testing"

// Skip skips the test where the race detector is on.
func Skip(t testing.TB) {
	t.Helper()
	if on {
		t.Skip("left to make test: the race detector makes it slow")
	}
}
