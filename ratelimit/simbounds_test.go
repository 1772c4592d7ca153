package ratelimit

// bounds is what the case must come to at a pace, at least the goodput, at
// most the rest, and why that is less than promised, if it is.
func (c simCase) bounds(pace Pace) (want cell, why string) {
	want = c.promised(pace)
	for _, e := range exceptions {
		if !e.applies(c) {
			continue
		}
		instead := e.polite
		if pace == Dedicated {
			instead = e.dedicated
			instead.live = want.live
		}
		want.goodput = min(want.goodput, instead.goodput)
		want.throttled = max(want.throttled, instead.throttled)
		want.live = max(want.live, instead.live)
		return want, e.why
	}
	return want, ""
}

// promised is what holds unless there is an exception. The service decides
// over the goodput: what a strict one does not give at once is lost.
func (c simCase) promised(pace Pace) cell {
	want := cell{goodput: 98, throttled: 1, live: 1, start: 1e9}
	if pace == Polite && c.service.strict {
		want.goodput = 92
	}
	if c.quota == 20 {
		want.live = 3
	}
	if pace == Dedicated {
		want.throttled, want.live = 1.3, 100
	}
	if c.traffic.unrelated > 0 {
		want.goodput *= 0.97
	}
	if c.quota == 50 && c.traffic.unrelated < 0.005 {
		// The search ends with what is sent before the first throttles are
		// back, and a deep bucket lets it run on to several times the quota.
		want.start = 25
		if c.trip.name == far.name || c.service.depth == bucket5.depth {
			want.start = 35
		}
		if c.trip.name == far.name && c.service.depth == bucket5.depth {
			want.start = 75
		}
	}
	return want
}

// An exception is a kind of case in which the promise cannot be kept, or is
// not, and what is kept instead.
type exception struct {
	why               string
	applies           func(simCase) bool
	polite, dedicated cell
}

func is(name string) func(simCase) bool {
	return func(c simCase) bool { return c.traffic.name == name }
}

// low says that two or three calls of a strict service make the difference.
func low(c simCase) bool { return c.service.strict && c.quota <= 50 }

func both(a, b func(simCase) bool) func(simCase) bool {
	return func(c simCase) bool { return a(c) && b(c) }
}

// The first that applies counts.
var exceptions = []exception{
	{
		why: "a bucket of two calls throttles 12 % of a fixed rate of 98 % that knows the quota, " +
			"and 2 to 14 % of the live calls when nobody else calls at all",
		applies:   func(c simCase) bool { return c.service.depth == bucket01.depth && c.quota == 20 },
		polite:    cell{goodput: 20, throttled: 6, live: 25},
		dedicated: cell{goodput: 30, throttled: 6},
	}, {
		why: "Poisson traffic in windows of 20 or 50 calls, or on a bucket of 5, is throttled well below the quota: " +
			"a fixed rate of 92 % of what it leaves, on a bucket of 5, throttles 0.7 to 1.5 % of its own and 2 to 3 % of the live calls",
		applies:   both(low, is("live 20 %")),
		polite:    cell{goodput: 77, throttled: 1.3, live: 2.5},
		dedicated: cell{goodput: 79, throttled: 2},
	}, {
		why:       "the same, and to find out whether a burst is over costs throttled calls whatever the rate",
		applies:   both(low, is("bursts 60 %")),
		polite:    cell{goodput: 73, throttled: 2, live: 6.5},
		dedicated: cell{goodput: 81, throttled: 2.7},
	}, {
		why:       "the same, the quota being 10 or 25",
		applies:   both(low, is("quota / 2")),
		polite:    cell{goodput: 77, throttled: 1.7},
		dedicated: cell{goodput: 80, throttled: 2.2},
	}, {
		why:       "the larger quota is found after a hold, and the hold is long at a low rate",
		applies:   both(low, is("quota x 4")),
		polite:    cell{goodput: 86},
		dedicated: cell{goodput: 90},
	}, {
		why:       "jitter moves calls from one window to the next, and out of a bucket of five",
		applies:   low,
		polite:    cell{goodput: 86, throttled: 1.5},
		dedicated: cell{goodput: 89, throttled: 1.8},
	}, {
		why: "a burst is noticed a round trip late and two throttled calls later; and to find out whether it is over " +
			"costs some four live calls every time: a matter of the quota, not of the rate",
		applies:   func(c simCase) bool { return is("bursts 60 %")(c) && c.quota <= 50 },
		polite:    cell{goodput: 93.5, throttled: 2.4, live: 8},
		dedicated: cell{goodput: 94.5, throttled: 2.9},
	}, {
		why:       "windows show a burst only when they are full, and then throttle everybody",
		applies:   func(c simCase) bool { return is("bursts 60 %")(c) && c.service.depth == 0 },
		polite:    cell{goodput: 89.5, throttled: 1.3, live: 3.8},
		dedicated: cell{goodput: 92, throttled: 1.7},
	}, {
		why:       "what a strict service does not give while the rate returns is lost",
		applies:   func(c simCase) bool { return is("bursts 60 %")(c) && c.service.strict },
		polite:    cell{goodput: 92, throttled: 1, live: 2.2},
		dedicated: cell{goodput: 96.5, throttled: 1.4},
	}, {
		why:       "a burst meets what is in flight",
		applies:   is("bursts 60 %"),
		polite:    cell{goodput: 95.5, throttled: 1.5, live: 2.8},
		dedicated: cell{goodput: 95.5, throttled: 1.8},
	}, {
		why: "a larger quota is found after half a hold on average and a probe: some 15 s once, or 3 % of these ten minutes; " +
			"longer where the hold is counted in calls",
		applies:   func(c simCase) bool { return is("quota x 4")(c) && c.quota <= 50 },
		polite:    cell{goodput: 91.5},
		dedicated: cell{goodput: 95.5},
	}, {
		why:       "the same",
		applies:   func(c simCase) bool { return is("quota x 4")(c) && c.service.strict },
		polite:    cell{goodput: 90},
		dedicated: cell{goodput: 96},
	}, {
		why:       "the same",
		applies:   is("quota x 4"),
		polite:    cell{goodput: 95},
		dedicated: cell{goodput: 96.5},
	}, {
		why:       "for some minutes the ceiling is remembered, and the attempts to return to it are refused",
		applies:   is("quota / 2"),
		polite:    cell{goodput: 98, throttled: 1.9},
		dedicated: cell{goodput: 98, throttled: 2},
	}, {
		why:       "Poisson traffic meets the edge more often than we do",
		applies:   func(c simCase) bool { return is("live 20 %")(c) && c.quota <= 50 },
		polite:    cell{goodput: 95, throttled: 1.3, live: 1.6},
		dedicated: cell{goodput: 98, throttled: 2},
	}, {
		why:       "Poisson traffic fills one window in five a little more than we know",
		applies:   func(c simCase) bool { return is("live 20 %")(c) && c.service.depth == 0 },
		polite:    cell{goodput: 92},
		dedicated: cell{goodput: 96},
	}, {
		why:       "at 20 calls a second the two or three that a probe costs are more than 1 % of those between two probes",
		applies:   func(c simCase) bool { return c.quota == 20 && c.traffic.unrelated < 0.005 },
		polite:    cell{goodput: 97, throttled: 1.4},
		dedicated: cell{goodput: 97, throttled: 1.6},
	}, {
		why:       "the unrelated throttles come on top",
		applies:   is("noise 0.5 %"),
		polite:    cell{goodput: 98, throttled: 1.5},
		dedicated: cell{goodput: 98, throttled: 1.8},
	},
}
