package ratelimit

import (
	"math"
	"time"
)

const (
	// One throttled call is noise: a limit for a single user, a hot shard.
	// cutLeast throttled calls among the fresh ones, and cutShare of
	// a second's calls, are needed for a cut. A controller that cuts on
	// single ones ends at 3 % of a quota of 5,000 a second when one call in
	// a thousand is throttled for reasons of its own.
	cutLeast = 2.0
	cutShare = 0.02
	// Where throttles are expected, less will do, and at low rates a single
	// one: above the ceiling, and on the way back above the rate at which
	// others were met. For each of ours, about one of theirs is throttled.
	edgeLeast = 1.0
	edgeShare = 0.006
	// Not so when there is noise: more than noiseLeast calls and noiseShare of
	// all were throttled in the cruise before. Noise would end every probe, and
	// the ceiling never rise again.
	noiseLeast = 1.0
	noiseShare = 0.003
	// So few may be noise all the same. A ceiling that they end a probe of
	// loses weakDrop at most.
	weakDrop = 0.01
	// cutGap is the least time between two cuts. Only calls sent after the
	// first can make the second, so a round trip lies between them anyway.
	cutGap = 100 * time.Millisecond
	// When more than shutShare of the calls since the first throttled one
	// were throttled, the door is shut: a service that counts in windows
	// lets nobody in until the window is over. No lower rate would have
	// helped, and another cut within shutTime would punish for the same
	// window twice.
	shutShare = 0.75
	shutTime  = time.Second
	// measureLeast is the shortest time over which the calls accepted
	// between two cuts measure the quota.
	measureLeast = time.Second
	// betweenMargin makes up for the time that the rate spent below the
	// edge between two cuts. On a strict service what was not used then is
	// lost, and lowers the mean.
	betweenMargin = 1.05
	// soonTime: throttles so soon after a cut say that the ceiling taken
	// from that cut was too high, mostly by what the service's bucket held.
	soonTime = 6 * time.Second
	// keepLeast is what an overshoot's ceiling keeps of itself when the
	// next cut comes while settling.
	keepLeast = 0.7
	// memory is the half-life of a ceiling that other traffic does not let
	// us reach, and memoryStep the longest time that is charged at once.
	memory     = 6 * time.Minute
	memoryStep = 10 * time.Second
	// A throttled share is trusted to measure other traffic when it rests
	// on evidenceCalls calls and lies between evidenceLow, below which it
	// is noise, and shutShare. yieldLeast is what is left at least.
	evidenceCalls = 5
	evidenceLow   = 0.15
	yieldLeast    = 0.4
)

// overloaded says whether the throttled calls among the fresh ones are enough
// to decide on.
func (c control) overloaded(s sample) bool {
	if c.hasCut && s.now-c.cut.at < cutGap {
		return false
	}
	isExpected := c.phase == probing && c.rate > c.ceiling || c.phase == returning && c.rate > c.refused
	if isExpected && !c.noisy {
		return float64(s.fresh.throttled) >= max(edgeLeast, edgeShare*c.rate)
	}
	return c.isEvident(s)
}

// isEvident says whether so many were throttled that it can hardly be noise.
func (c control) isEvident(s sample) bool {
	return float64(s.fresh.throttled) >= max(cutLeast, cutShare*c.rate)
}

// shut says whether they are the last cut's door, still shut, and better
// forgotten.
func (c control) shut(s sample) bool {
	after := c.phase == settling || c.phase == yielding || c.phase == returning
	return after && c.hasCut && s.now-c.cut.at < shutTime &&
		float64(s.fresh.throttled) > shutShare*float64(s.fresh.run)
}

// overload returns the state after a cut.
func (c control) overload(s sample) control {
	accepted := min(c.rate, s.accepted)
	between := math.Inf(1) // accepted a second from cut to cut
	if c.hasCut && s.now-c.cut.at > measureLeast {
		between = c.cut.rate(s)
	}
	switch {
	case c.ceiling == 0 || c.rate > beyond*c.ceiling || c.phase == settling && !c.proven:
		c = c.overshot(s, accepted, between)
	case c.phase == probing && !c.pushed && c.rate > (1-c.manner.headroom/2)*c.ceiling:
		c = c.foundEdge(s, accepted)
	case c.pushed || c.phase == settling:
		c = c.yield(s, min(accepted, betweenMargin*between))
	default:
		c = c.stepBack(s, accepted, between)
	}
	c.ceiling = max(c.ceiling, leastRate)
	c.rate = c.bounded()
	c.from = c.rate
	c.cut, c.hasCut = mark{s.now, s.total}, true
	return c
}

// foundEdge: our own probe met it. What was accepted since the last time, when
// the service's bucket was as empty as it is now, measures the quota best.
func (c control) foundEdge(s sample, accepted float64) control {
	measured := min(accepted, c.cruise.rate(s)*(1+c.manner.headroom/2))
	if !c.isEvident(s) {
		measured = max(measured, (1-weakDrop)*c.ceiling)
	}
	c.ceiling, c.proven = measured, true
	c.rate = (1 - c.manner.headroom) * c.ceiling
	c = c.enter(cruising, s)
	c.cruise = mark{s.now, s.total}
	return c
}

// overshot: the rate grew into the unknown and the answers came too late. Were
// only few throttled, it may be noise, far below the quota: then what was
// accepted is a ceiling to be probed at once, for a hold at a low rate is long.
func (c control) overshot(s sample, accepted, between float64) control {
	if c.phase != settling && s.fresh.run >= evidenceCalls && s.fresh.share() <= evidenceLow {
		c.ceiling, c.proven = accepted, false
		c.rate = (1 - c.manner.headroom) * accepted
		c.cruise = mark{s.now, s.total}
		return c.enter(probing, s)
	}
	if c.ceiling > 0 && c.phase == settling {
		accepted = max(min(accepted, (accepted+between)/2), keepLeast*c.ceiling)
	}
	c.ceiling, c.proven = accepted, false
	c.rate = accepted / 2
	return c.enter(settling, s)
}

// stepBack: throttles in quiet cruising. It may be noise, so the ceiling
// loses no more than the share that was throttled; should more throttles
// follow while settling, it was none.
func (c control) stepBack(s sample, accepted, between float64) control {
	f := s.fresh
	share := float64(f.throttled) / max(float64(f.calls), windowCalls, c.rate)
	lowest := (1 - share) * c.ceiling
	if !c.proven && s.now-c.cut.at < soonTime {
		lowest = min(lowest, (accepted+between)/2)
	}
	c.ceiling = min(c.ceiling, max(lowest, min(accepted, between*(1+c.manner.headroom/2))))
	c.rate = min(c.manner.stepBack, c.remaining(f)) * accepted
	return c.enter(settling, s)
}

// yield: throttles below a proven ceiling, not for the first time. Somebody
// else needs the quota.
func (c control) yield(s sample, accepted float64) control {
	left := min(c.manner.standAside, c.remaining(s.fresh))
	if c.phase != settling && c.phase != yielding {
		left = c.manner.stayAside
	}
	waited := min(memoryStep, s.now-c.cut.at)
	c.ceiling = max(accepted, c.ceiling*math.Pow(0.5, portion(waited, memory)))
	c.dwell = min(dwellMost, max(dwellLeast, seconds(dwellCalls/c.rate)))
	c.refused, c.pushed = accepted, true
	c.rate = left * accepted
	return c.enter(yielding, s)
}

// remaining is the part of the rate that the throttled share says is left for
// us. Was the rate all that the service had for us before, and is a share
// f of all calls throttled now, then others came with f/(1-f) of it.
func (c control) remaining(f fresh) float64 {
	if !c.manner.yields || f.run < evidenceCalls {
		return 1
	}
	share := f.share()
	if share <= evidenceLow || share >= shutShare {
		return 1
	}
	return max(yieldLeast, 1-share/(1-share))
}
