package ratelimit

import (
	"testing"
	"time"
)

// nothing is a sample at that time of a service that fails every call, 40 of them
// a second. The last call that got through did so at 100 s.
func nothing(now time.Duration) sample {
	return sample{now: now, failed: 40, lastAccepted: 100 * time.Second, total: 400}
}

func TestIsOutage(t *testing.T) {
	tests := []struct {
		name                        string
		accepted, throttled, failed float64
		want                        bool
	}{
		{"all calls fail", 0, 0, 1, true},
		{"one gets through", 1, 0, 40, false},
		{"all are throttled, which is the quota", 0, 40, 0, false},
		{"nearly all are throttled", 0, 40, 5, false},
		{"nobody calls", 0, 0, 0, false},
	}
	for _, test := range tests {
		if got := (sample{accepted: test.accepted, throttled: test.throttled, failed: test.failed}).isOutage(); got != test.want {
			t.Errorf("%s: outage %v, want %v", test.name, got, test.want)
		}
	}
}

// An outage gives back the machine of before, whose clock has stood still.
func TestOutageHoldsMachine(t *testing.T) {
	const second = time.Second
	before := in(cruising, 3*second, 950)
	before.ticked = 100 * second
	cut := before.with(func(m *machine) { m.phase, m.rate, m.ceiling, m.trust = yielding, 1, 100, provenTime })
	cut.ticked = 102 * second

	var o outage
	if o.goesOn(before, at(950)) {
		t.Fatal("an outage while calls get through")
	}
	// The cuts come while some calls get through still, and nobody asks for a while.
	for _, s := range []sample{
		{now: 101 * second, accepted: 300, failed: 400, lastAccepted: 100 * second},
		{now: 102 * second, lastAccepted: 100 * second},
	} {
		if o.goesOn(cut, s) {
			t.Fatalf("an outage at %+v", s)
		}
	}
	if !o.goesOn(cut, nothing(110*second)) {
		t.Fatal("no outage")
	}
	held := o.hold(cut, nothing(110*second))
	if held.rate != 950 || held.ceiling != 1000 || held.phase != cruising || held.trust != holdMost {
		t.Errorf("rate %v, ceiling %v, phase %v, trust %v, want those of before", held.rate, held.ceiling, held.phase, held.trust)
	}
	if cruised := held.ticked - held.since; cruised != 3*second {
		t.Errorf("the cruise has lasted %v, want what it had", cruised)
	}
	if held.reason() != Failing {
		t.Errorf("%q", held.reason())
	}
	// A time without calls does not end the outage.
	later := sample{now: 200 * second, lastAccepted: 100 * second}
	if !o.goesOn(held, later) {
		t.Fatal("silence ended the outage")
	}
	if held = o.hold(held, later); held.rate != 950 || held.ticked-held.since != 3*second {
		t.Errorf("rate %v after %v of the cruise", held.rate, held.ticked-held.since)
	}
	// One call gets through. A second outage, whatever came between, has the same
	// machine to go back to.
	if o.goesOn(held, sample{now: 201 * second, accepted: 1, lastAccepted: 201 * second}) {
		t.Fatal("an outage although a call got through")
	}
	cut.ticked = 202 * second
	again := nothing(203 * second)
	again.lastAccepted = 201 * second
	if !o.goesOn(cut, again) {
		t.Fatal("no second outage")
	}
	if held = o.hold(cut, again); held.rate != 950 {
		t.Errorf("rate %v after the second outage", held.rate)
	}
}

func TestOutageEndsWithDecision(t *testing.T) {
	for name, s := range map[string]sample{"accepted": {accepted: 1}, "throttled": {throttled: 2, failed: 1}} {
		o := outage{on: true}
		if o.goesOn(machine{}, s) || o.on {
			t.Errorf("%s: the outage goes on", name)
		}
	}
}

// What was before a long brown-out is not what was before the outage that follows.
func TestOutageForgets(t *testing.T) {
	o := outage{before: in(cruising, 0, 950)}
	o.before.ticked = 50 * time.Second
	now := in(cruising, 0, 400)
	if got := o.hold(now, nothing(110*time.Second)); got.rate != 400 {
		t.Errorf("rate %v, want that of the brown-out", got.rate)
	}
}

// A cap that was lowered in an outage holds after it.
func TestOutageKeepsCap(t *testing.T) {
	o := outage{before: in(cruising, 0, 950)}
	o.before.ticked = 100 * time.Second
	if got := o.hold(in(cruising, 0, 5).with(func(m *machine) { m.cap = 40 }), nothing(101*time.Second)); got.rate != 40 || got.cap != 40 {
		t.Errorf("rate %v, cap %v", got.rate, got.cap)
	}
}

// TestIsOutageBetweenRareCalls: the window of the meter has none of them, and the
// failures in a row tell.
func TestIsOutageBetweenRareCalls(t *testing.T) {
	for name, test := range map[string]struct {
		sample sample
		want   bool
	}{
		"nothing yet":                   {sample{}, false},
		"the last one failed":           {sample{failedInRow: 1}, false},
		"the last two failed":           {sample{failedInRow: 2}, true},
		"and now the service throttles": {sample{throttled: 1, failedInRow: 2}, false},
		"and now one gets through":      {sample{accepted: 1, failedInRow: 2}, false},
	} {
		if got := test.sample.isOutage(); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestFailedInRow begins again with each call that the service decides on.
func TestFailedInRow(t *testing.T) {
	var m meter
	for i, step := range []struct {
		ended ending
		want  int
	}{{failed, 1}, {failed, 2}, {throttled, 0}, {failed, 1}, {taken, 0}, {failed, 1}} {
		m.count(time.Duration(i)*time.Minute, step.ended, true)
		if got := m.read(time.Duration(i)*time.Minute, 1).failedInRow; got != step.want {
			t.Errorf("step %d: %d, want %d", i, got, step.want)
		}
	}
}
