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

// isMetBy reports whether a cell is within these bounds. The start is not looked at.
func (c cell) isMetBy(got cell) bool {
	return got.goodput >= c.goodput && got.throttled <= c.throttled && got.live <= c.live
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
			want.start = 40
		}
		if c.trip.name == far.name && c.service.depth == bucket5.depth {
			want.start = 75
		}
	}
	return want
}

// An exception is a kind of case in which the promise is not kept, and what is kept
// instead.
type exception struct {
	why               string
	applies           func(simCase) bool
	polite, dedicated cell
}

func is(name string) func(simCase) bool {
	return func(c simCase) bool { return c.traffic.name == name }
}

// low reports whether two or three calls of a strict service make the difference.
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
		polite:    cell{goodput: 38, throttled: 5.2, live: 20},
		dedicated: cell{goodput: 38, throttled: 5},
	}, {
		why: "Poisson traffic in windows of 20 or 50 calls, or on a bucket of 5, is throttled well below the quota: " +
			"a rate of 92 % of what it leaves, on a bucket of 5, throttles 0.7 to 1.6 % of its own and 2 to 3 % of the live calls",
		applies:   both(low, is("live 20 %")),
		polite:    cell{goodput: 80, throttled: 1.2, live: 2.2},
		dedicated: cell{goodput: 83, throttled: 1.9},
	}, {
		why:       "the same, and to find out whether a burst is over costs throttled calls whatever the rate",
		applies:   both(low, is("bursts 60 %")),
		polite:    cell{goodput: 83.5, throttled: 1.7, live: 5.2},
		dedicated: cell{goodput: 87.5, throttled: 2.3},
	}, {
		why:       "the same, the quota being 10 or 25",
		applies:   both(low, is("quota / 2")),
		polite:    cell{goodput: 81, throttled: 1.6},
		dedicated: cell{goodput: 84, throttled: 2.1},
	}, {
		why:       "the larger quota is found after a hold, and the hold is long at a low rate",
		applies:   both(low, is("quota x 4")),
		polite:    cell{goodput: 89},
		dedicated: cell{goodput: 92.5},
	}, {
		why:       "jitter moves calls from one window to the next, and out of a bucket of five",
		applies:   low,
		polite:    cell{goodput: 90},
		dedicated: cell{goodput: 92, throttled: 1.5},
	}, {
		why: "a burst is noticed a round trip late and two throttled calls later; and to find out whether it is over " +
			"costs some four live calls every time: a matter of the quota, not of the rate",
		applies:   func(c simCase) bool { return is("bursts 60 %")(c) && c.quota <= 50 },
		polite:    cell{goodput: 95, throttled: 2, live: 6.5},
		dedicated: cell{goodput: 96.5, throttled: 2.5},
	}, {
		why:       "windows show a burst only when they are full, and then throttle everybody",
		applies:   func(c simCase) bool { return is("bursts 60 %")(c) && c.service.depth == 0 },
		polite:    cell{goodput: 91.5, live: 2.1},
		dedicated: cell{goodput: 95.5},
	}, {
		why:       "a burst meets what is in flight",
		applies:   is("bursts 60 %"),
		polite:    cell{goodput: 96, throttled: 1.2, live: 1.6},
		dedicated: cell{goodput: 97, throttled: 1.9},
	}, {
		why: "a larger quota is found after half a hold on average and a probe, some 10 s: 2 % of these ten minutes; " +
			"later where the hold is counted in calls",
		applies:   func(c simCase) bool { return is("quota x 4")(c) && c.quota <= 50 },
		polite:    cell{goodput: 93.5},
		dedicated: cell{goodput: 96.5},
	}, {
		why:       "the same",
		applies:   is("quota x 4"),
		polite:    cell{goodput: 97},
		dedicated: cell{goodput: 97.5},
	}, {
		why:       "for some minutes the ceiling is remembered, and the attempts to return to it are refused",
		applies:   is("quota / 2"),
		polite:    cell{goodput: 98, throttled: 1.2},
		dedicated: cell{goodput: 98, throttled: 1.6},
	}, {
		why:       "Poisson traffic meets the edge more often than we do",
		applies:   func(c simCase) bool { return is("live 20 %")(c) && c.quota <= 50 },
		polite:    cell{goodput: 98, throttled: 1.2, live: 1.6},
		dedicated: cell{goodput: 98, throttled: 1.9},
	}, {
		why:       "Poisson traffic fills one window in five a little more than we know",
		applies:   func(c simCase) bool { return is("live 20 %")(c) && c.service.depth == 0 },
		polite:    cell{goodput: 92},
		dedicated: cell{goodput: 95.5},
	}, {
		why:       "the unrelated throttles come on top",
		applies:   is("noise 0.5 %"),
		polite:    cell{goodput: 97.5, throttled: 1.4},
		dedicated: cell{goodput: 98, throttled: 1.7},
	},
}
