package worker

import (
	"testing"
	"time"
)

func TestBackoffCeiling(t *testing.T) {
	tests := map[int]time.Duration{
		0: 200 * time.Millisecond, 1: 200 * time.Millisecond, 2: 400 * time.Millisecond, 7: 12800 * time.Millisecond,
		8: 20 * time.Second, 9: 20 * time.Second, 1_000_000: 20 * time.Second,
	}
	for failures, want := range tests {
		if got := backoffCeiling(failures); got != want {
			t.Errorf("after %d failures %v, want %v", failures, got, want)
		}
	}
}

// The waits are spread over the whole range: each tenth of it gets its share.
func TestFullJitter(t *testing.T) {
	const draws, ceiling = 10_000, 200 * time.Millisecond
	var tenths [10]int
	for range draws {
		wait := fullJitter(ceiling)
		if wait < 0 || wait > ceiling {
			t.Fatalf("a wait of %v, want 0 to %v", wait, ceiling)
		}
		tenths[min(wait*10/ceiling, 9)]++
	}
	for i, n := range tenths {
		// Six standard deviations: once in a hundred million runs.
		if n < 820 || n > 1180 {
			t.Errorf("%d of %d waits in tenth %d of the range, want about a tenth", n, draws, i+1)
		}
	}
	ends := make(map[time.Duration]bool)
	for range 1000 {
		ends[fullJitter(1)] = true
	}
	if len(ends) != 2 {
		t.Errorf("waits %v from a range of 0 to 1ns, want both ends of it", ends)
	}
	if wait := fullJitter(0); wait != 0 {
		t.Errorf("a wait of %v from a range of nothing", wait)
	}
}
