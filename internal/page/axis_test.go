package page

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// timelineOf has something happen at each of these times after noon.
func timelineOf(after ...time.Duration) *timeline {
	timeline := newTimeline()
	for _, at := range after {
		timeline.at(noon.Add(at)).done++
	}
	return timeline
}

// every is one time after the other.
func every(distance, from, to time.Duration) (all []time.Duration) {
	for at := from; at < to; at += distance {
		all = append(all, at)
	}
	return all
}

// TestAxis: it is cut short where nothing happened for far longer than things
// happened, and nowhere else.
func TestAxis(t *testing.T) {
	const day = 24 * time.Hour
	var nights []time.Duration
	for night := range 20 {
		nights = append(nights, every(time.Second, time.Duration(night)*day, time.Duration(night)*day+20*time.Second)...)
	}
	nights = append(nights, every(time.Second, 22*day, 22*day+20*time.Second)...)
	for name, test := range map[string]struct {
		times []time.Duration
		cuts  int
	}{
		"one moment":                  {[]time.Duration{0}, 0},
		"a run":                       {every(time.Second, 0, 5*time.Minute), 0},
		"a slow run":                  {every(time.Hour, 0, 30*day), 0},
		"a pause":                     {append(every(time.Second, 0, 4*time.Minute), every(time.Second, 5*time.Minute, 7*time.Minute)...), 0},
		"a night between":             {append(every(time.Second, 0, 4*time.Minute), every(time.Second, day, day+2*time.Minute)...), 1},
		"three weeks of nights":       {nights, 20},
		"an hour in an irregular way": {[]time.Duration{0, 3 * time.Minute, 9 * time.Minute, 21 * time.Minute, 40 * time.Minute, time.Hour}, 0},
		"a time that cannot be right": {append(every(time.Second, 0, 4*time.Minute), 200_000*time.Hour), 1},
		"two moments":                 {[]time.Duration{0, day}, 0},
	} {
		timeline := timelineOf(test.times...)
		a := newAxis(timeline)
		cuts := 0
		for _, p := range a.parts {
			if p.isCut {
				cuts++
				if width := 1000 * p.drawn / a.drawn; width > 200 {
					t.Errorf("%s: a cut takes %.0f of 1000", name, width)
				}
			}
		}
		if cuts != test.cuts {
			t.Errorf("%s: %d cuts, want %d", name, cuts, test.cuts)
		}
		before := -1.0
		for _, index := range timeline.indexes() {
			x := a.x(index * timeline.width)
			if x <= before || x < 0 || x >= chartWidth {
				t.Errorf("%s: bin %d is at %v, after %v", name, index, x, before)
			}
			before = x
		}
		first, last := a.parts[0].from, a.parts[len(a.parts)-1].to
		if a.x(first) != 0 || a.x(last) != chartWidth || a.x(first-1e9) != 0 || a.x(last+1e9) != chartWidth {
			t.Errorf("%s: it goes from %v to %v", name, a.x(first), a.x(last))
		}
	}
	if a := newAxis(newTimeline()); a != nil {
		t.Errorf("an axis of nothing: %v", a)
	}
}

// TestMarks: the labels are at round times, and do not run into each other.
func TestMarks(t *testing.T) {
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		times []time.Duration
		want  string
	}{
		"half a minute": {every(time.Second, 0, 32*time.Second), "12:00:05 12:00:10 12:00:15 12:00:20 12:00:25 12:00:30"},
		"seven minutes": {every(time.Second, 30*time.Second, 7*time.Minute), "12:01 12:02 12:03 12:04 12:05 12:06"},
		"six hours":     {every(time.Minute, 0, 6*time.Hour), "13:00 14:00 15:00 16:00 17:00"},
		"five days":     {every(10*time.Minute, 0, 5*day), "00:00 12:00 00:00 12:00 00:00 12:00 00:00 12:00 00:00"},
		"two weeks":     {every(time.Hour, 0, 14*day), "27 Nov 29 Nov 1 Dec 3 Dec 5 Dec 7 Dec 9 Dec"},
		"two nights":    {append(every(time.Second, 0, 4*time.Minute), every(time.Second, day, day+3*time.Minute)...), "26 Nov 12:01 12:02 12:03 12:04 27 Nov 12:01 12:02"},
		"a moment":      {[]time.Duration{0}, ""},
	} {
		var got []string
		end := 0.0
		for _, m := range newAxis(timelineOf(test.times...)).marks() {
			got = append(got, m.Text)
			half := 0.4 * float64(len(m.Text))
			if m.At-half < end {
				t.Errorf("%s: %s at %v begins before %v", name, m.Text, m.At, end)
			}
			end = m.At + half
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: labels %v, want %s", name, got, test.want)
		}
	}
}

func TestNiceTop(t *testing.T) {
	for value, want := range map[float64]float64{0: 1, 0.03: 0.03, 0.7: 0.8, 1: 1, 1.2: 1.5, 7: 8, 9: 10, 10: 10, 347: 400, 401: 600, 99_999: 100_000} {
		if got := niceTop(value); got != want {
			t.Errorf("of %v: %v, want %v", value, got, want)
		}
	}
}

func TestLogMarks(t *testing.T) {
	for _, test := range []struct {
		low, high float64
		want      string
	}{
		{30, 75, "[30 50 70]"}, {60, 300, "[70 100 150 200 300]"}, {60, 1500, "[100 200 500 1000]"}, {1, 30_000, "[1 10 100 1000 10000]"}, {77, 130, "[80 90 100]"},
	} {
		if got := fmt.Sprint(logMarks(test.low, test.high)); got != test.want {
			t.Errorf("from %v to %v: %s, want %s", test.low, test.high, got, test.want)
		}
	}
}

func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		roughly(40 * time.Second): "40 s", roughly(95 * time.Second): "2 min", roughly(80 * time.Minute): "80 min", roughly(86_340 * time.Second): "24 h", roughly(76 * time.Hour): "3 d",
		callText(87 * time.Millisecond): "87 ms", callText(3149 * time.Millisecond): "3.1 s", callText(125 * time.Second): "2m05s",
		share(0, 5): "0 %", share(5, 5): "100 %", share(1, 3): "33.3 %", share(1, 1e6): "under 0.01 %", share(999_999, 1e6): "over 99.99 %", share(2353, 100_000): "2.35 %",
		sentence("ça va"): "Ça va.", sentence(""): "",
		number(0): "0", number(0.15): "0.15", number(2.5): "2.5", number(1500): "1,500",
		period(noon, noon.Add(time.Hour)): "26 Nov 2026 12:00 to 13:00 UTC", period(noon, noon.Add(20*time.Hour)): "26 Nov 2026 12:00 to 27 Nov 2026 08:00 UTC",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
