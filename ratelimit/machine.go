package ratelimit

import (
	"math"
	"time"
)

// A phase is a state of the diagram in the package comment.
type phase int

const (
	finding phase = iota
	settling
	cruising
	probing
	yielding
	returning
)

const (
	// startRate is the attempts a second that finding starts with when there
	// is no cap. No quota worth a bulk run is lower.
	startRate = 10.0
	// leastRate is the attempts a second that no cut goes below. The answers
	// of slower calls would come too late to steer by.
	leastRate = 1.0
	// tickTime is how often time alone moves the rate. It keeps the
	// steps below 2 % in the steepest climb.
	tickTime = 50 * time.Millisecond
	// findingGrowth is the growth a second while the quota is unknown. A
	// steeper climb overshoots further before the answers are back: with 1.5,
	// a third more calls are throttled.
	findingGrowth = 1.35
	// probingGrowth is the growth a second once a probe is further above the
	// ceiling than beyond. The quota must have grown.
	probingGrowth = 1.25
	beyond        = 1.1
	// creep is the calls a second that the ceiling gains in every second of a
	// cruise. Without it, a ceiling measured in an unlucky second is too low
	// for the whole hold: 1 to 4 % of a quota of 50 shared with live traffic
	// is lost on a strict service. High rates are measured well and gain next
	// to nothing. The gain is limited to the headroom over one hold.
	creep = 0.1
	// settleTime is how long the rate takes to return to cruising after a cut
	// that other traffic did not cause.
	settleTime = 2 * time.Second
	// provenTime is how long a ceiling must hold before it counts as proven.
	// The ceiling that an overshoot measures includes what the service's
	// bucket held, and does not hold that long.
	provenTime = 4 * time.Second
	// Yielding lasts for dwellCalls calls, but at least dwellLeast and at most
	// dwellMost. It is counted in calls because a refused attempt to return
	// throttles two or three calls, ours or others', whatever the rate.
	dwellCalls = 300.0
	dwellLeast = 1500 * time.Millisecond
	dwellMost  = 8 * time.Second
	// holdMost is the longest cruise. A hold is counted in calls, and they take
	// minutes at a low rate.
	holdMost = time.Minute
	// returnTime is how long the rate takes to return from yielding to
	// cruising. It rises with the square of the time: gently at first, where
	// it meets the other traffic if that is still there.
	returnTime = 8 * time.Second
	// fullUse is the share of the rate that must be answered for the rate to
	// grow. Below it something else is the limit, and an accepted call tells
	// nothing about the quota. slackCalls calls may be missing at low rates,
	// where a window holds few.
	fullUse    = 0.7
	slackCalls = 3.0
	// limitedTime is how long that must last to become the Reason. A rate that
	// grows is always a little ahead of its answers.
	limitedTime = 2 * time.Second
	// failedMost is the share of the calls that may fail for the rate to grow, beside
	// those that fail whatever the rate.
	failedMost = 0.1
	// A ceiling that was measured in a bad second may be far too low. So it is
	// doubtful until a probe has met it. Every time one does, the hold may be
	// trustGrowth times as long.
	trustGrowth = 2
	// The first earlyProbes probes follow the search closely and are steep. So that
	// live traffic does not pay for that, a cruise leaves earlyHeadroom times the
	// headroom until then, and a few refused calls end a probe unless there may be
	// noise.
	earlyProbes   = 2
	earlyHeadroom = 2
	// suspiciousProbes is how many probes may end without more trust.
	suspiciousProbes = 8
	// It is doubtful again below lostShare of what was accepted not long ago,
	// which fades with a half-life of bestMemory, and below lowestCeiling.
	lostShare     = 0.5
	bestMemory    = 2 * time.Minute
	lowestCeiling = 0.75 * startRate
	// A probe of a doubtful ceiling begins after a cruise of provenTime, and
	// takes doubtfulTime to the ceiling.
	doubtfulTime = 2 * time.Second
)

// A machine is the state machine of the package comment: what is known, and the
// rate that follows from it. It is a value without a clock. Every decision
// returns the next machine, from nothing but this one and a sample.
type machine struct {
	tuning  tuning
	cap     float64 // attempts a second; +Inf when there is none
	rate    float64 // attempts a second given now
	ceiling float64 // calls a second found to be accepted; 0 while unknown
	proven  bool    // the ceiling has held for provenTime
	phase   phase
	since   time.Duration // when the phase began
	from    float64       // rate at which settling, yielding or returning began
	dwell   time.Duration // how long yielding lasts
	pushed  bool          // others made us yield, and we have not cruised for provenTime since
	refused float64       // calls a second accepted when they did
	noisy   bool          // calls were refused in the last cruise, below the ceiling
	ticked  time.Duration // when time was last looked at
	unused  time.Duration // how long too few calls have been answered for the rate to grow
	failing bool          // too many calls fail for the rate to grow
	trust   time.Duration // how long a hold may last; grows when a probe meets the ceiling
	best    float64       // calls a second accepted below the ceiling; fades
	probes  int           // that refused calls have ended

	cruiseStart mark // when the cruise began, or the probe that follows it
	lastCut     mark // when the rate was last cut, if hasCut
	hasCut      bool
	cutFrom     float64 // rate before the last cut
}

// A mark is a moment to measure the accepted calls from.
type mark struct {
	at    time.Duration
	total int64
}

// rate is the accepted calls a second since the mark.
func (k mark) rate(s sample) float64 {
	return float64(s.total-k.total) / max((s.now-k.at).Seconds(), 1e-3)
}

// newMachine returns the state to start in. A limit of 0 is no cap.
func newMachine(limit float64, pace Pace) machine {
	return machine{
		tuning: pace.tuning(),
		cap:    capOf(limit),
		rate:   firstRate(limit),
		trust:  provenTime,
	}
}

// capOf is the cap that a limit stands for.
func capOf(limit float64) float64 {
	if limit > 0 {
		return limit
	}
	return math.Inf(1)
}

// firstRate is the rate to start with under a limit.
func firstRate(limit float64) float64 {
	return min(capOf(limit), max(startRate, limit/2))
}

// tick returns the state after time has passed without a cut.
func (m machine) tick(s sample) machine {
	passed := s.now - m.ticked
	m.ticked = s.now
	m.best *= math.Pow(0.5, fraction(passed, bestMemory))
	m.failing = s.failed > (failedMost+s.ambient)*(s.answered()+s.failed)
	if m.failing || m.isUnused(s) {
		m.unused += passed
		m.since += passed // the phase waits
		return m
	}
	m.unused = 0
	elapsed := s.now - m.since
	switch m.phase {
	case finding:
		m.rate *= math.Pow(findingGrowth, passed.Seconds())
	case settling:
		m.rate = m.from + (m.cruiseRate()-m.from)*min(1, fraction(elapsed, settleTime))
		if elapsed >= settleTime {
			m = m.enter(cruising, s)
		}
	case cruising:
		m.ceiling += min(creep, m.tuning.headroom*m.ceiling/m.hold().Seconds()) * passed.Seconds()
		m.rate = m.cruiseRate()
		m = m.prove(s)
		if elapsed >= m.hold() {
			m.noisy = float64(s.refusedSinceCut) > max(noiseLeast, noiseShare*float64(s.total-m.lastCut.total))
			m = m.enter(probing, s)
		}
	case probing:
		m = m.prove(s)
		u := fraction(elapsed, m.probeTime()) - 1
		if rise := 1 + m.tuning.headroom*u*u*u; rise < beyond {
			m.rate = m.ceiling * rise
		} else {
			growth := probingGrowth
			if m.rate < m.lowGround() {
				growth = findingGrowth
			}
			m.rate *= math.Pow(growth, passed.Seconds())
		}
	case yielding:
		if elapsed >= m.dwell {
			m = m.enter(returning, s)
		}
	case returning:
		u := min(1, fraction(elapsed, returnTime))
		m.rate = m.from + (m.cruiseRate()-m.from)*u*u
		if elapsed >= returnTime {
			m = m.enter(cruising, s)
			m.since -= m.hold() // probe at once: the quota is ours again
		}
	}
	m.rate = m.bounded()
	return m
}

// isUnused reports whether too few calls are answered to show that the quota allows the rate.
func (m machine) isUnused(s sample) bool {
	decided := s.answered() / (1 - s.ambient)
	missing := (m.rate - decided) * measuredOver(m.rate).Seconds()
	return decided < fullUse*m.rate && missing > slackCalls
}

// isBelowCut reports whether the rate is clearly lower than before the last cut.
func (m machine) isBelowCut() bool { return m.rate < m.tuning.belowCut*m.cutFrom }

// cruiseRate is the rate of a cruise below the ceiling.
func (m machine) cruiseRate() float64 {
	if m.isEarly() {
		return (1 - earlyHeadroom*m.tuning.headroom) * m.ceiling
	}
	return (1 - m.tuning.headroom) * m.ceiling
}

// isEarly reports whether probes still follow each other closely.
func (m machine) isEarly() bool { return m.probes < earlyProbes }

// isUnsuspected reports whether an early cut is taken for the edge of the quota, and
// not for noise.
func (m machine) isUnsuspected(s sample) bool { return m.isEarly() && !s.suspected }

// bounded is the rate within its bounds.
func (m machine) bounded() float64 {
	return min(max(m.rate, leastRate), m.cap)
}

// prove marks the ceiling as proven once it has held for long enough. From then
// on, what is accepted without a refusal is what the quota allows, and no more:
// not what the service's bucket held.
func (m machine) prove(s sample) machine {
	if s.now-m.cruiseStart.at >= provenTime {
		m.proven, m.pushed = true, false
		if s.throttled+s.failed == 0 && m.rate <= beyond*m.ceiling {
			m.best = max(m.best, min(m.rate, s.accepted))
		}
	}
	return m
}

// isDoubtful reports whether the ceiling may be far too low.
func (m machine) isDoubtful() bool { return m.longestHold() <= provenTime }

// longestHold is how long the ceiling is believed without a probe.
func (m machine) longestHold() time.Duration {
	switch {
	case m.cap <= startRate:
		return holdMost // no search comes before the cap
	case m.ceiling < m.lowGround():
		return provenTime
	}
	return m.trust
}

// lowGround is the calls a second below which a ceiling is doubtful.
func (m machine) lowGround() float64 { return max(lostShare*m.best, lowestCeiling) }

// hold is how long a cruise lasts.
func (m machine) hold() time.Duration {
	return min(m.longestHold(), max(m.tuning.holdLeast, seconds(m.tuning.holdCalls/m.rate)))
}

// probeTime is how long a probe takes to the ceiling.
func (m machine) probeTime() time.Duration {
	if m.isDoubtful() {
		return doubtfulTime
	}
	return m.tuning.probeTime
}

// state is what the machine knows, without the counts.
func (m machine) state(now time.Duration) State {
	state := State{Rate: m.rate, Ceiling: m.ceiling, Reason: m.reason()}
	switch m.phase {
	case cruising:
		state.Cruised = min(now-m.since, m.hold())
	case probing:
		state.Cruised = m.hold()
	}
	return state
}

// probed is how long a probe takes from its beginning to the rate.
func (m machine) probed() time.Duration {
	u := 1 + math.Cbrt((m.rate/m.ceiling-1)/m.tuning.headroom)
	return time.Duration(u * float64(m.probeTime()))
}

// isBelowCruise reports whether a cap kept a cruise or a probe below the rate that
// both begin with. They are no further than a rounding error below it otherwise.
func (m machine) isBelowCruise() bool { return m.rate < 0.999*m.cruiseRate() }

// enter returns the state at the beginning of a phase.
func (m machine) enter(next phase, s sample) machine {
	if next == cruising && m.phase != probing {
		m.cruiseStart = mark{s.now, s.total}
	}
	m.phase, m.since, m.from = next, s.now, m.rate
	return m
}

// resume returns a new machine in the state that another was in. It is put
// together from what a State shows, so it is the same but for details.
func (m machine) resume(start State) machine {
	if start.Rate <= 0 {
		return m
	}
	m.rate, m.ceiling = start.Rate, start.Ceiling
	m.from = m.rate
	m.proven = start.Reason == Yielding || start.Reason == Cruising && start.Cruised == 0
	if start.Reason != Finding {
		m.trust, m.probes = min(holdMost, trustGrowth*max(provenTime, start.Cruised)), earlyProbes
	}
	switch {
	case m.ceiling <= 0:
		m.ceiling = 0
	case start.Cruised > 0 && !m.isBelowCruise():
		m.phase, m.since = cruising, -start.Cruised
		if start.Cruised >= m.hold() {
			m.phase, m.since = probing, -m.probed()
		}
		// The calls since the cruise began are not known; that many they were
		// if the ceiling held.
		m.cruiseStart = mark{-start.Cruised, -int64(m.cruiseRate() * start.Cruised.Seconds())}
	case start.Reason == Yielding:
		m.phase = returning
		m.pushed, m.refused = true, m.rate
	default:
		m.phase = settling
	}
	m.rate = m.bounded()
	return m
}

// withCap returns the state under another cap. A limit of 0 is no cap.
func (m machine) withCap(limit float64, s sample) machine {
	wasHeldBack := m.rate >= m.cap && capOf(limit) > m.cap
	m.cap = capOf(limit)
	if wasHeldBack {
		switch {
		case m.phase == finding:
			m.rate = max(m.rate, firstRate(limit))
		case (m.phase == cruising || m.phase == probing) && m.isBelowCruise():
			m = m.enter(settling, s)
		case m.phase == probing: // its clock went on while the cap held the rate
			m.since = s.now - m.probed()
		}
	}
	m.rate = m.bounded()
	return m
}

// reason is why the rate is what it is.
func (m machine) reason() Reason {
	switch {
	case m.unused >= limitedTime && m.failing:
		return Failing
	case m.unused >= limitedTime:
		return Limited
	case m.rate >= m.cap:
		return Capped
	case m.phase == cruising:
		return Cruising
	case m.phase == probing:
		return Probing
	case m.phase == yielding || m.phase == returning:
		return Yielding
	case m.phase == settling && m.proven:
		return Cruising
	}
	return Finding
}

// fraction is part divided by whole.
func fraction(part, whole time.Duration) float64 {
	return float64(part) / float64(whole)
}
