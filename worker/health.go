package worker

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// outageAfter is how many transient failures in a row, over all rows, count as an
// outage. At an error rate of one in ten this
// happens by chance once in ten billion attempts.
const outageAfter = 10

// health tells what is wrong with a row from what is wrong with the service, by
// one question: does anything else succeed? An attempt gets through when the
// service answers it with anything but a throttle, a transient failure or a
// fatal answer.
//
//	the answer     the service                          the row
//	got through    is well: ends a hold and a stall     as the answer says
//	throttled      is there: ends an outage, no stall   asks again with the next token
//	transient      after 10 in a row over all rows:     its own failure, or nobody's;
//	               an outage                            --max-attempts of its own are too many
//	misconfigured  fatal before anything was reached,   as transient
//	               then transient
//	exhausted      as transient                         never its own failure
//	fatal          a trial: another row is asked;       fatal again after the other got
//	               fatal there too ends the run         through: the row's failure
//	fatal if       as fatal before anything was         asks again once
//	repeated       reached, or the second time
//
// A transient failure is the row's own when an attempt that was sent after the
// row's failure before it got through, and no outage ended after the failed
// attempt was sent. The first failure of a row is its own once a second one is.
//
// In an outage and in a trial all rows are held, and one at a time probes. A
// run begins with a hold too: what is fatal for all is to cost two calls, and
// not one for each worker. When nothing gets through for the stall timeout, the
// run ends; only time in which attempts fail counts, so that a slow input is no
// stall. Rows that fail one after the other end the run too, see finished.
//
// It is safe for concurrent use.
type health struct {
	stallTimeout time.Duration
	after        int // outageAfter
	jitter       func(time.Duration) time.Duration
	stop         func(error) // ends the run
	run          context.Context

	// calm lasts until the next outage begins, nil during one. Every attempt
	// looks at it, which must not take a lock.
	calm atomic.Pointer[calm]

	mu       sync.Mutex
	failures int       // transient ones in a row, over all rows
	through  time.Time // when the newest attempt that got through was sent
	last     Answer    // the last one that did not get through

	hold    hold
	onTrial *task     // whose fatal answer the trial is about
	reached bool      // something spoke as the service does
	outage  time.Time // when it began, zero while there is none
	ended   time.Time // when the last one did
	probes  int       // of this hold that have failed
	probing bool      // one is under way
	probeAt time.Time // when the next one may begin

	// stall fires when nothing has got through for too long, nil while nothing
	// fails. stalls numbers these timers.
	stall  *time.Timer
	stalls int

	streak streak
}

// hold is why rows are held.
type hold int

const (
	noHold   hold = iota
	scouting      // nothing is known yet: the first call of a run
	inOutage
	inTrial // of a row that was answered Fatal
)

// scoutTime is how long the first call of a run may keep the others waiting.
const scoutTime = time.Second

// calm is the time between two outages.
type calm struct {
	context.Context
	end context.CancelFunc
}

// rowHealth is what the transient failures of one row say about the row.
type rowHealth struct {
	failures int       // transient failures
	own      int       // those of them that are the row's own
	failedAt time.Time // when the last of them had failed
}

func (h *rowHealth) fail(now time.Time, own bool) {
	if own && h.own == 0 {
		h.own = 1 // the first one, when a second one is
	}
	if own {
		h.own++
	}
	h.failures++
	h.failedAt = now
}

func newHealth(o Options, stop func(error)) *health {
	return &health{
		stallTimeout: o.StallTimeout, after: outageAfter, jitter: o.Jitter, stop: stop,
		streak: streak{most: o.MaxConsecutiveFailures},
	}
}

// watch begins with a run, and ends with its context.
func (h *health) watch(run context.Context) {
	h.run = run
	h.hold, h.probeAt = scouting, time.Now()
}

func (h *health) beginCalm() {
	ctx, end := context.WithCancel(h.run)
	h.calm.Store(&calm{ctx, end})
}

// calmContext returns a context that ends when an outage begins, nil during
// one: who waits for a token until then must not stand in the way of the row
// that probes.
func (h *health) calmContext() context.Context {
	if calm := h.calm.Load(); calm != nil {
		return calm
	}
	return nil
}

// current returns when the outage began, zero while there is none, and the last
// answer that did not get through.
func (h *health) current() (outage time.Time, last Answer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.outage, h.last
}

// throughSince says whether an attempt that was sent after that time got through.
func (h *health) throughSince(t time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.through.After(t)
}

// held says whether rows are held, and when the next of them may probe; zero
// while one does.
func (h *health) held() (held bool, probeAt time.Time) {
	if h.calm.Load() != nil {
		return false, time.Time{}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.hold == noHold:
		return false, time.Time{}
	case h.probing && h.hold != scouting:
		return true, time.Time{}
	}
	return true, h.probeAt
}

// probe begins a probe, if rows are still held.
func (h *health) probe() (probing bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.hold == scouting && h.probing {
		h.release(time.Now()) // the first call takes its time, and nobody waits for it longer
		return false
	}
	h.probing = h.hold != noHold
	if h.hold == scouting {
		h.probeAt = time.Now().Add(scoutTime)
	}
	return h.probing
}

// isProbing says whether the probe that is under way goes on.
func (h *health) isProbing() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.probing
}

// observe takes in how an attempt of a row ended, unless it was answered with
// something fatal. changed says that rows which are held have to look again.
func (h *health) observe(row *rowHealth, sent time.Time, probing bool, a Answer) (changed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	switch a.Verdict {
	case Transient, Misconfigured, Exhausted:
		own := row.failures > 0 && h.through.After(row.failedAt) && !h.ended.After(sent)
		row.fail(now, own && a.Verdict != Exhausted)
		h.failures++
		h.stalling(sent, a)
		return h.failed(now, probing)
	case Throttled:
		// Somebody is there, which ends an outage; but nothing got through.
		h.reached = true
		h.stalling(sent, a)
		h.failures = 0
		if h.hold == inTrial {
			return false
		}
	default:
		h.reached = true
		if sent.After(h.through) {
			h.through = sent
		}
		h.noStall()
		h.failures = 0
		if h.hold == inTrial && !probing {
			return false // it was sent before what the trial is about
		}
	}
	return h.release(now)
}

// failed is what a failure means for a hold, or begins one.
func (h *health) failed(now time.Time, probing bool) (changed bool) {
	switch {
	case h.hold == scouting:
		return h.release(now)
	case h.hold != noHold && probing:
		h.probes++
		h.wait(now)
		return true
	case h.hold == noHold && h.failures >= h.after:
		h.outage = now
		h.begin(inOutage)
		h.wait(now)
		return true
	}
	return false
}

// accuse takes in a fatal answer and says what becomes of the row.
func (h *health) accuse(t *task, probing bool, a Answer) decision {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	isOther := h.hold == inTrial && h.onTrial != t
	chance := a.Verdict == FatalIfRepeated && h.reached && !t.secondChance
	switch {
	case !t.accusedAt.IsZero() && h.through.After(t.accusedAt):
		h.release(now)
		return finished
	case isOther && !chance:
		return stopRun
	case isOther && !probing:
		// On the wire when the trial began: it says the same as the first one.
		t.accusedAt, t.secondChance = now, true
		return giveBack
	case isOther:
		t.accusedAt, t.secondChance = now, true
		return probeAgain
	}
	t.accusedAt, h.onTrial = now, t
	h.begin(inTrial)
	if chance {
		t.secondChance, h.probing = true, true
		return probeAgain
	}
	h.probeAt = now
	return setAside
}

// begin holds all rows.
func (h *health) begin(why hold) {
	h.hold, h.probes, h.probing = why, 0, false
	if calm := h.calm.Swap(nil); calm != nil {
		calm.end()
	}
}

// wait draws the time of the next probe.
func (h *health) wait(now time.Time) {
	h.probing = false
	h.probeAt = now.Add(h.jitter(backoffCeiling(h.probes + 1)))
}

// release lets all rows go on, if they are held.
func (h *health) release(now time.Time) (released bool) {
	if h.hold == noHold {
		return false
	}
	if h.hold == inOutage {
		h.ended = now
	}
	h.hold, h.outage, h.probing, h.onTrial = noHold, time.Time{}, false, nil
	h.beginCalm()
	return true
}

// isMisconfigured says whether an answer means that the way to the service is
// set up wrongly, as nothing has spoken as the service does yet.
func (h *health) isMisconfigured(a Answer) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return a.Verdict == Misconfigured && !h.reached
}

// stalling starts the time until the run stalls, unless it runs already.
func (h *health) stalling(sent time.Time, a Answer) {
	h.last = a
	if h.stall != nil {
		return
	}
	// What was sent before others got through says nothing from then on.
	since := sent
	if h.through.After(since) {
		since = h.through
	}
	h.stalls++
	number := h.stalls
	h.stall = time.AfterFunc(h.stallTimeout-time.Since(since), func() { h.stalled(number) })
}

// stalled ends the run, unless an attempt got through in the very moment in
// which the timer fired.
func (h *health) stalled(number int) {
	h.mu.Lock()
	stalled, last := h.stall != nil && h.stalls == number, h.last
	h.mu.Unlock()
	if stalled {
		h.stop(&StallError{Timeout: h.stallTimeout, Code: last.Code, Message: last.Message})
	}
}

func (h *health) noStall() {
	if h.stall != nil {
		h.stall.Stop()
		h.stall = nil
	}
}

// finished counts a row and says whether one too many has failed. What was
// never sent does not count.
func (h *health) finished(r Result) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.streak.finished(r)
}

// close stops the timer of a run that is over.
func (h *health) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.noStall()
}
