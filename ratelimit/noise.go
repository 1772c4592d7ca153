package ratelimit

import "math"

const (
	// noiseMemory is how many counts of evidence a tally remembers.
	noiseMemory = 24.0
	// A share needs noiseCalls calls at least, noiseEvents of them refused.
	noiseCalls  = 300.0
	noiseEvents = 5.0
	// In one count of evidence, no more than noiseCap of the calls are taken for
	// noise, but at least one. Noise comes evenly; what comes in clusters is the
	// quota.
	noiseCap = 0.03
	// A share that a lower rate brings below sameShare of what it was answers to
	// the rate.
	sameShare = 0.5
	// A share below noiseLow costs little, and live traffic on a strict service
	// looks like it. At a low rate, where two refused calls are a larger share,
	// the limit is noiseRate calls a second. noiseCaution of it is never excused.
	noiseLow     = 0.01
	noiseRate    = 0.35
	noiseCaution = 0.3
	// A share above noiseHigh is not noise even if it stays the same at a lower rate:
	// somebody else may be calling much more than we do.
	noiseHigh = 0.1
	// A share of suspectShare is suspected to be noise when suspectEvents calls were
	// refused.
	suspectShare  = 0.007
	suspectEvents = 1.5
	// noiseMargin is how many standard deviations above its mean noise is
	// excused.
	noiseMargin = 1.5
)

// A noise tells the refused calls that answer to our rate from those that do
// not: a limit for single users, a hot shard, a fault of the service. Noise
// refuses the same share of the calls below the rate that was last cut as above.
// The zero value knows of none.
type noise struct{ below, above tally }

// A tally counts calls and forgets the oldest little by little.
type tally struct{ calls, refused float64 }

// learn takes in evidence that is complete. The first after a cut is left out:
// those who took the quota may still push then.
func (n *noise) learn(e evidence, m machine) {
	if e.since <= m.lastCut.at {
		return
	}
	n.above.fade()
	if m.isBelowCut() {
		n.below.fade()
		n.below.add(e)
	} else {
		n.above.add(e)
	}
}

func (t *tally) fade() {
	const kept = 1 - 1/noiseMemory
	t.calls *= kept
	t.refused *= kept
}

func (t *tally) add(e evidence) {
	t.plus(tally{float64(e.calls), min(float64(e.refused), max(1, noiseCap*float64(e.calls)))})
}

func (t *tally) plus(other tally) {
	t.calls += other.calls
	t.refused += other.refused
}

func (t tally) share() float64 { return t.refused / max(1, t.calls) }

// share is the share of the calls that is excused as noise, where the service
// usually accepts quota calls a second.
func (n noise) share(quota float64) float64 {
	if n.below.calls < noiseCalls || n.below.refused < noiseEvents {
		return 0
	}
	share := n.below.share()
	if n.above.calls >= noiseCalls {
		if share < sameShare*n.above.share() {
			return 0
		}
		share = min(share, n.above.share()) // it may have gone since
	}
	least := max(noiseLow, noiseRate/quota)
	if share < least || share > noiseHigh {
		return 0
	}
	return share - noiseCaution*least
}

// isSuspected reports whether calls were refused that no rate before had explained,
// even if they are too few to be sure.
func (n noise) isSuspected() bool {
	return n.below.refused >= suspectEvents && n.below.share() >= suspectShare
}

// excused is how many calls of the evidence noise may have refused.
func (s sample) excused() float64 {
	mean := max(s.noise, s.ambient) * float64(s.evidence.calls)
	return mean + noiseMargin*math.Sqrt(mean)
}
