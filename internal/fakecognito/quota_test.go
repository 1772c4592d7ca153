package fakecognito

import (
	"testing"
	"time"
)

// epoch is the time at the start of these tests.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func at(offset time.Duration) time.Time { return epoch.Add(offset) }

// endless is more than any bucket of these tests holds.
const endless = 10_000

// drain takes tokens until there are none left and returns their number, at most
// endless.
func drain(b *bucket, now time.Time) int {
	n := 0
	for n < endless && b.take(now) {
		n++
	}
	return n
}

func TestBucketGrantsAtTheNanosecond(t *testing.T) {
	for _, rate := range []struct{ tokens, seconds int64 }{{1, 1}, {3, 1}, {7, 1}, {50, 1}, {333, 1}, {5000, 1}, {5, 2}, {1, 8}} {
		// Room for two tokens, or the capacity would cut off remainders.
		b := newBucket(epoch, Quota{Rate: float64(rate.tokens) / float64(rate.seconds), Burst: 2})
		drain(&b, epoch)
		for n := range int64(5000) {
			// The token is whole this long after the start, rounded up.
			due := time.Duration(((n+1)*rate.seconds*int64(time.Second) + rate.tokens - 1) / rate.tokens)
			if b.take(at(due - 1)) {
				t.Fatalf("rate %v: token %d was granted 1 ns early", rate, n)
			}
			if !b.take(at(due)) {
				t.Fatalf("rate %v: token %d was refused at %v", rate, n, due)
			}
		}
	}
}

func TestBucketOverALongTime(t *testing.T) {
	// Emptied at odd moments for up to a day, the bucket grants burst + rate x time.
	const rate, burst = 50, 100
	for _, step := range []time.Duration{time.Millisecond * 7, time.Second / 3, time.Minute + 1} {
		b := newBucket(epoch, Quota{Rate: rate, Burst: burst})
		granted := drain(&b, epoch)
		if granted != burst {
			t.Fatalf("full bucket granted %d, want %d", granted, burst)
		}
		total := 0
		steps := min(int(24*time.Hour/step), 10_000)
		for i := 1; i <= steps; i++ {
			total += drain(&b, at(time.Duration(i)*step))
		}
		want := int(int64(steps) * int64(step) * rate / int64(time.Second))
		if step*rate > burst*time.Second { // each refill is cut off at the capacity
			want = steps * burst
		}
		if total != want {
			t.Errorf("step %v: %d granted in %d steps, want %d", step, total, steps, want)
		}
	}
}

func TestQuotaForms(t *testing.T) {
	tests := []struct {
		name  string
		quota Quota
		// how many calls pass at the start, 1 s later, and 10 s after that
		first, second, third int
	}{
		{"none", Quota{}, endless, endless, endless},
		{"burst defaults to a second", Quota{Rate: 50}, 50, 50, 50},
		{"burst above the rate", Quota{Rate: 10, Burst: 25}, 25, 10, 25},
		{"burst below the rate", Quota{Rate: 10, Burst: 4}, 4, 4, 4},
		{"slow rate still has one token", Quota{Rate: 0.5}, 1, 0, 1},
		{"burst below one", Quota{Rate: 2, Burst: 0.25}, 1, 1, 1},
		{"burst only", Quota{Burst: 5}, 5, 0, 0},
		{"blocked", Quota{Blocked: true}, 0, 0, 0},
		{"blocked, whatever else it says", Quota{Rate: 10, Burst: 10, Blocked: true}, 0, 0, 0},
		{"window of a second", Quota{Rate: 10, Burst: 99, Window: time.Second}, 10, 10, 10},
		{"window of ten seconds", Quota{Rate: 2, Window: 10 * time.Second}, 20, 0, 20},
		{"window shorter than a call", Quota{Rate: 1, Window: 100 * time.Millisecond}, 1, 1, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBucket(epoch, test.quota)
			got := [3]int{drain(&b, epoch), drain(&b, at(time.Second)), drain(&b, at(11*time.Second))}
			if want := [3]int{test.first, test.second, test.third}; got != want {
				t.Errorf("granted %v, want %v", got, want)
			}
		})
	}
}

func TestWindowResetsAtItsEnd(t *testing.T) {
	b := newBucket(epoch, Quota{Rate: 10, Window: time.Second})
	for _, step := range []struct {
		at   time.Duration
		want int
	}{
		{900 * time.Millisecond, 10}, // late in the first window
		{time.Second - 1, 0},
		{time.Second, 10}, // 20 within 100 ms: what a bucket of the same rate would refuse
		{1999 * time.Millisecond, 0},
		{3500 * time.Millisecond, 10},
		{3999 * time.Millisecond, 0}, // windows keep to their grid after a pause
		{4 * time.Second, 10},
	} {
		if got := drain(&b, at(step.at)); got != step.want {
			t.Errorf("at %v: %d granted, want %d", step.at, got, step.want)
		}
	}
}

func TestQuotaChanges(t *testing.T) {
	tests := []struct {
		name     string
		from, to Quota
		use      int // calls made before the change, one second after the start
		want     int // calls that pass right after it
	}{
		{"from none: full", Quota{}, Quota{Rate: 10, Burst: 30}, 1000, 30},
		{"from blocked: empty", Quota{Blocked: true}, Quota{Rate: 10, Burst: 30}, 3, 0},
		{"to none", Quota{Rate: 10}, Quota{}, 10, endless},
		{"to blocked", Quota{Rate: 10}, Quota{Blocked: true}, 0, 0},
		{"larger: what is left", Quota{Rate: 10, Burst: 10}, Quota{Rate: 100, Burst: 100}, 4, 6},
		{"smaller: cut off", Quota{Rate: 100, Burst: 100}, Quota{Rate: 5, Burst: 5}, 0, 5},
		{"larger after all were used", Quota{Rate: 10}, Quota{Rate: 100}, 10, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBucket(epoch, test.from)
			for range test.use {
				b.take(at(time.Second))
			}
			b.set(at(time.Second), test.to)
			if got := drain(&b, at(time.Second)); got != test.want {
				t.Errorf("%d granted after the change, want %d", got, test.want)
			}
		})
	}
}

func TestQuotaChangeRefillsAtTheOldRateUntilThen(t *testing.T) {
	b := newBucket(epoch, Quota{Rate: 10, Burst: 100})
	drain(&b, epoch)
	b.set(at(2*time.Second), Quota{Rate: 1, Burst: 100}) // 20 so far
	if got := drain(&b, at(5*time.Second)); got != 23 {
		t.Errorf("%d granted, want 2 s at 10 and 3 s at 1", got)
	}
}

func TestBucketIgnoresTimeGoingBack(t *testing.T) {
	b := newBucket(epoch, Quota{Rate: 1, Burst: 1})
	if !b.take(at(time.Minute)) || b.take(epoch) || b.take(at(time.Minute)) {
		t.Error("an earlier time gave or took tokens")
	}
	if !b.take(at(time.Minute + time.Second)) {
		t.Error("an earlier time set the clock of the bucket back")
	}
}
