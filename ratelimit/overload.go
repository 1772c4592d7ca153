package ratelimit

import (
	"math"
	"time"
)

const (
	// One throttled call is noise: a limit for a single user, a hot shard. A
	// cut takes cutLeast throttled calls, and cutShare of a second's calls. A
	// controller that cuts on single ones ends at 3 % of a quota of 5,000 a
	// second when one call in a thousand is throttled for other reasons.
	cutLeast = 2.0
	cutShare = 0.02
	// Where throttles are expected, fewer are enough, at low rates a single
	// one: above the ceiling, and on the way back from yielding, above the
	// rate at which others were met. For each throttled call of ours, about
	// one of the others' is throttled too.
	edgeLeast = 1.0
	edgeShare = 0.006
	// With noise, the usual thresholds apply instead: noise would end every probe,
	// and the ceiling could not rise. There is noise when more than
	// noiseLeast calls and noiseShare of all calls were throttled in the
	// cruise before. And noise may be what a doubtful ceiling was taken from.
	noiseLeast = 1.0
	noiseShare = 0.003
	// The few throttles that end a probe may still be noise. The ceiling then
	// loses weakDrop at most.
	weakDrop = 0.01
	// cutGap is the least time between two cuts. Only calls sent after the
	// first can make the second, so a round trip lies between them anyway.
	cutGap = 100 * time.Millisecond
	// A service that counts in windows lets nobody in from the moment a window
	// is used up until it ends. So when more than spentShare of the calls
	// since the first throttled one were throttled, within spentTime of a cut,
	// it is still the window that made the cut. No lower rate would have
	// helped, and another cut would punish twice for the same window.
	spentShare = 0.75
	spentTime  = time.Second
	// measureLeast is the shortest time between two cuts over which the
	// accepted calls measure the quota.
	measureLeast = time.Second
	// betweenMargin makes up for the time between two cuts that the rate spent
	// below the edge. A strict service does not save up what was not used
	// then, which lowers the mean.
	betweenMargin = 1.05
	// When throttles come within soonTime of a cut, the ceiling taken from that
	// cut was too high, mostly by what the service's bucket held.
	soonTime = 6 * time.Second
	// keepLeast is the share of an overshoot's ceiling that is left, at least,
	// when the next cut comes while settling.
	keepLeast = 0.7
	// A probe that overshoots has met the ceiling all the same when what was
	// accepted is at most nearCeiling of it. Where answers come late, a steep
	// probe overshoots every time, and the ceiling would be doubtful for ever.
	nearCeiling = 1.25
	// memory is the half-life of a ceiling that other traffic keeps us from
	// reaching, and memoryStep the longest time that counts at once.
	memory     = 6 * time.Minute
	memoryStep = 10 * time.Second
	// The throttled share measures other traffic when it rests on at least
	// shareCalls calls and lies between shareLow, below which it is noise, and
	// spentShare. However large it is, yieldLeast of the rate is left.
	shareCalls = 5
	shareLow   = 0.15
	yieldLeast = 0.4
)

// isOverloaded reports whether enough calls were refused to decide on.
func (m machine) isOverloaded(s sample) bool {
	if m.hasCut && s.now-m.lastCut.at < cutGap {
		return false
	}
	isExpected := m.phase == probing && m.rate > m.ceiling || m.phase == returning && m.rate > m.refused
	isNoise := m.noisy || m.isDoubtful() && !m.isUnsuspected(s)
	if isExpected && !isNoise {
		return float64(s.evidence.refused) >= max(edgeLeast, edgeShare*m.rate)+s.excused()
	}
	return m.isEvident(s)
}

// isEvident reports whether more calls were refused than noise would explain.
func (m machine) isEvident(s sample) bool {
	return float64(s.evidence.refused) >= max(cutLeast, cutShare*m.rate)+s.excused()
}

// isWindowSpent reports whether the throttles come from the window that made the
// last cut, and are better forgotten.
func (m machine) isWindowSpent(s sample) bool {
	isAfterCut := m.phase == settling || m.phase == yielding || m.phase == returning
	return isAfterCut && m.hasCut && s.now-m.lastCut.at < spentTime &&
		float64(s.evidence.refused) > spentShare*float64(s.evidence.run)
}

// cut returns the state after an overload.
func (m machine) cut(s sample) machine {
	accepted := min(m.rate, s.accepted)
	between := math.Inf(1) // accepted a second since the last cut
	if m.hasCut && s.now-m.lastCut.at > measureLeast {
		between = m.lastCut.rate(s)
	}
	isFirst := m.ceiling == 0
	m.cutFrom = m.rate
	hasMet := m.phase == probing && !m.pushed && !m.noisy && m.isUnsuspected(s) && accepted <= nearCeiling*m.ceiling
	if m.phase == probing {
		m.probes++
	}
	switch {
	case hasMet && m.rate > beyond*m.ceiling:
		m = m.foundEdge(s, accepted)
	case m.ceiling == 0 || m.rate > beyond*m.ceiling || m.phase == settling && !m.proven:
		m = m.overshot(s, accepted, between)
	case m.phase == probing && !m.pushed && m.rate > (1-m.tuning.headroom/2)*m.ceiling:
		m = m.foundEdge(s, accepted)
	case m.pushed || m.phase == settling:
		m = m.yield(s, min(accepted, betweenMargin*between))
	default:
		m = m.stepBack(s, accepted, between)
	}
	m.ceiling = max(m.ceiling, leastRate)
	if isFirst || m.ceiling < m.lowGround() {
		m.trust = provenTime
	}
	m.rate = m.bounded()
	m.from = m.rate
	m.lastCut, m.hasCut = mark{s.now, s.total}, true
	return m
}

// overshot: the rate grew into the unknown, and the answers came too late. When
// only few calls were throttled, that may be noise far below the quota. Then
// what was accepted becomes a ceiling that is probed at once, because a hold at
// a low rate is long.
func (m machine) overshot(s sample, accepted, between float64) machine {
	if m.phase != settling && s.evidence.run >= shareCalls && s.evidence.share() <= shareLow {
		m.ceiling, m.proven = accepted, false
		m.rate = m.cruiseRate()
		m.cruiseStart = mark{s.now, s.total}
		return m.enter(probing, s)
	}
	if m.ceiling > 0 && m.phase == settling {
		accepted = max(min(accepted, (accepted+between)/2), keepLeast*m.ceiling)
	}
	if m.phase == probing && s.evidence.refused >= shareCalls && accepted <= nearCeiling*m.ceiling {
		m = m.met(s)
	}
	m.ceiling, m.proven = accepted, false
	m.rate = accepted / 2
	return m.enter(settling, s)
}

// foundEdge: a probe of our own met the edge. The calls accepted since the last
// time it did, when the service's bucket was as empty as now, measure the quota
// best.
func (m machine) foundEdge(s sample, accepted float64) machine {
	measured := min(accepted, m.cruiseStart.rate(s)*(1+m.tuning.headroom/2))
	if !m.isEvident(s) {
		measured = max(measured, (1-weakDrop)*m.ceiling)
	}
	m.ceiling, m.proven = measured, true
	if !m.noisy { // noise may have ended the probe
		m = m.met(s)
	}
	m.rate = m.cruiseRate()
	m = m.enter(cruising, s)
	m.cruiseStart = mark{s.now, s.total}
	return m
}

// met: a probe met the ceiling, so the ceiling may be believed for longer. While noise
// is suspected and not yet known, it may have ended the probe far below the quota: the
// first suspiciousProbes probes then change nothing.
func (m machine) met(s sample) machine {
	if s.suspected && s.noise == 0 && m.probes < suspiciousProbes {
		return m
	}
	m.trust = min(trustGrowth*m.trust, holdMost)
	return m
}

// stepBack: calls were throttled in a quiet cruise. That may be noise, so the
// ceiling loses no more than the share that was throttled. If more are throttled
// while settling, it was not.
func (m machine) stepBack(s sample, accepted, between float64) machine {
	e := s.evidence
	share := float64(e.refused) / max(float64(e.calls), windowCalls, m.rate)
	lowest := (1 - share) * m.ceiling
	if !m.proven && s.now-m.lastCut.at < soonTime {
		lowest = min(lowest, (accepted+between)/2)
	}
	m.ceiling = min(m.ceiling, max(lowest, min(accepted, between*(1+m.tuning.headroom/2))))
	m.rate = min(m.tuning.stepBack, m.remaining(e)) * accepted
	return m.enter(settling, s)
}

// yield: calls were throttled below a proven ceiling, and not for the first
// time. Somebody else needs the quota.
func (m machine) yield(s sample, accepted float64) machine {
	left := min(m.tuning.standAside, m.remaining(s.evidence))
	if m.phase != settling && m.phase != yielding {
		left = m.tuning.stayAside
	}
	m.ceiling = max(accepted, m.faded(s))
	m.dwell = min(dwellMost, max(dwellLeast, seconds(dwellCalls/m.rate)))
	m.refused, m.pushed = accepted, true
	m.rate = left * accepted
	return m.enter(yielding, s)
}

// remaining is the part of the rate that is left for us, judged by the share f
// of calls throttled. If the rate was all that the service had for us before,
// others now come with f/(1-f) of it.
func (m machine) remaining(e evidence) float64 {
	if !m.tuning.yields || e.run < shareCalls {
		return 1
	}
	f := e.share()
	if f <= shareLow || f >= spentShare {
		return 1
	}
	return max(yieldLeast, 1-f/(1-f))
}

// faded is the remembered ceiling.
func (m machine) faded(s sample) float64 {
	waited := min(memoryStep, s.now-m.lastCut.at)
	return m.ceiling * math.Pow(0.5, fraction(waited, memory))
}
