// Package racedetector knows whether the tests run with the race detector.
//
// The one idea in it: a test that only computes has nothing to race and takes up to
// ten times as long with the detector, so make test runs it once more without.
package racedetector

import "testing"

// Skip skips the test where the race detector is on.
func Skip(t testing.TB) {
	t.Helper()
	if On {
		t.Skip("make test runs it without the race detector, which makes it slow")
	}
}
