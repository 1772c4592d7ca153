package ratelimit

import (
	"testing"
	"time"
)

const millisecond = time.Millisecond

func TestMeterWindow(t *testing.T) {
	tests := []struct {
		name string
		rate float64 // of the machine, which chooses the window
		ends time.Duration
		want float64
	}{
		// One call every 10 ms, half of them throttled, until 5 s.
		{"a second at a high rate", 100, 5 * time.Second, 50},
		{"longer at a low one", 20, 5 * time.Second, 50},
		{"half a window of silence", 100, 5500 * millisecond, 25},
		{"less than a window since the beginning", 20, 500 * millisecond, 50},
		{"less of a longer one", 20, 5500 * millisecond, 40},
		{"less than a slot since the beginning", 500, 40 * millisecond, 20},
		{"longer silence than the meter holds", 20, 20 * time.Second, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var m meter
			calls := min(500, int64(test.ends/(10*millisecond)))
			for i := range calls {
				m.count(time.Duration(i)*10*millisecond, throttledIf(i%2 == 0), true)
			}
			got := m.read(test.ends, test.rate)
			if got.accepted != test.want || got.answered() != 2*test.want || got.total != calls/2 {
				t.Errorf("accepted %v, answered %v a second, %d in all, want %v, %v, %d",
					got.accepted, got.answered(), got.total, test.want, 2*test.want, calls/2)
			}
		})
	}
}

func TestMeterEvidence(t *testing.T) {
	var m meter
	m.count(0, throttled, false) // sent before the last cut
	for i := range evidenceCalls {
		m.count(time.Duration(i)*20*millisecond, throttledIf(i == 10 || i == 20), true)
	}
	want := evidence{calls: evidenceCalls, refused: 2, run: evidenceCalls - 10}
	if m.evidence != want {
		t.Errorf("evidence %+v, want %+v", m.evidence, want)
	}
	// Full, but the time is not over: the count goes on.
	m.count(evidenceTime, taken, true)
	if want.calls, want.run = want.calls+1, want.run+1; m.evidence != want {
		t.Errorf("evidence %+v, want %+v", m.evidence, want)
	}
	// Both are over: it begins again.
	m.count(evidenceTime+1, throttled, true)
	if want := (evidence{since: evidenceTime + 1, calls: 1, refused: 1, run: 1}); m.evidence != want {
		t.Errorf("evidence %+v, want %+v", m.evidence, want)
	}
	if m.refusedSinceCut != 3 { // since the last cut, however long ago
		t.Errorf("%d throttled, want 3", m.refusedSinceCut)
	}
	m.reset(time.Second)
	if want := (evidence{since: time.Second}); m.evidence != want || m.refusedSinceCut != 0 {
		t.Errorf("evidence %+v, want %+v; %d throttled", m.evidence, want, m.refusedSinceCut)
	}
}

func throttledIf(is bool) ending {
	if is {
		return throttled
	}
	return taken
}
