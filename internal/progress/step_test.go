package progress

import (
	"strings"
	"testing"
	"time"
)

// TestStepLeft: at first nobody can tell how long the rest takes.
func TestStepLeft(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for ran, want := range map[time.Duration]bool{999 * time.Millisecond: false, time.Second: true, 10 * time.Second: true} {
		reading := Reading{What: "reading", Now: now, Began: now.Add(-ran), Read: 10, Size: 20}
		if got := reading.Line(100); strings.HasSuffix(got, " left") != want {
			t.Errorf("reading after %v: %s", ran, got)
		}
	}
	for ran, want := range map[time.Duration]bool{time.Second: false, tellTime: true} {
		listing := Listing{What: "listing", Now: now, Began: now.Add(-ran), Users: 10, Total: 20}
		if got := listing.Line(100); strings.Contains(got, " left") != want {
			t.Errorf("listing after %v: %s", ran, got)
		}
	}
}
