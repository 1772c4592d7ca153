package worker

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// outageAfter is how many transient failures in a row, over all rows, count as an
// outage. At an error rate of one in ten, chance does this once in ten
// billion attempts.
const outageAfter = 10

// health tells a bad row from a failing service by one question: does anything
// else succeed? An attempt gets through when the service answers it, other than
// with a throttle, a transient failure or a fatal answer.
//
//	the answer     the service                          the row
//	got through    works: ends a hold and a stall       ends with this answer
//	throttled      is there: ends only an outage        asks again with the next token
//	transient      after 10 in a row over all rows:     its own failure or nobody's; with
//	               an outage                            MaxAttempts of its own, it has failed
//	misconfigured  fatal before anything was reached,   as transient
//	               then transient
//	exhausted      as transient                         never its own failure
//	fatal          a trial: another row is asked;       fatal again after the other got
//	               fatal there too ends the run, or     through: the row's failure
//	               at the third row, when some got
//	               through before. Where there is no
//	               other, one that has succeeded is
//	               asked (blame.go)
//	fatal if       as fatal before anything was         asks again once
//	repeated       reached, or the second time
//
// A transient failure is the row's own when an attempt that was sent after the
// row's previous failure got through, and no outage ended after the failed attempt
// was sent. Once one failure is the row's own, its first failure counts as well.
// An attempt that was never sent is not a failure of the row.
//
// In an outage and in a trial all rows are held, and one at a time probes. A run
// begins with a hold too, so that an answer that is fatal for all costs two calls
// instead of one for each worker. All this is about one operation: that others get
// through tells nothing about it. A probe goes on until it has come to the operation
// that the hold is about, and the first one through all of them. When nothing gets
// through for the stall timeout, the run ends (stall.go). Rows that fail one after the
// other end the run too (streak.go).
//
// It is safe for concurrent use.
type health struct {
	stallTimeout time.Duration
	after        int // outageAfter
	jitter       func(time.Duration) time.Duration
	stop         func(error) // ends the run
	run          context.Context

	// calm is nil while rows are held. It is atomic because every attempt looks at
	// it and must not wait for mu.
	calm atomic.Pointer[calm]

	mu    sync.Mutex
	steps []step // one for each operation
	last  Answer // the last one that did not get through
	// exhausted is the code of the last attempt that this machine could not send.
	exhausted string

	hold    hold
	about   int       // the operation that the hold is about
	onTrial *task     // whose fatal answer the trial is about
	accused int       // rows that were answered Fatal as probes of this trial
	reached bool      // the service itself has answered
	outage  time.Time // when it began, zero while there is none
	ended   time.Time // when the last one did
	probes  int       // failed probes of this hold
	probing bool      // a probe is under way
	probeAt time.Time // when the next one may begin

	good   Row // one that has succeeded, with its line; zero where none has
	streak streak
}

// step is how one operation is getting on.
type step struct {
	failures int       // transient ones in a row, over all rows
	through  time.Time // when the newest attempt that got through was sent
	last     Answer    // the last one that did not get through
	// stall fires when all attempts have failed for too long. It is nil while none
	// fails. stalls numbers these timers.
	stall  *time.Timer
	stalls int
}

// hold is why rows are held.
type hold int

const (
	noHold   hold = iota
	scouting      // the first call of a run finds out
	inOutage
	inTrial // of a row that was answered Fatal
)

// scoutTime is how long the first call of a run may keep the others waiting.
const scoutTime = time.Second

// calm is a time in which rows are not held. Its context ends with it.
type calm struct {
	context.Context
	end context.CancelFunc
}

func newHealth(operations int, o Options, stop func(error)) *health {
	return &health{
		steps:        make([]step, operations),
		stallTimeout: o.StallTimeout, after: outageAfter, jitter: o.Jitter, stop: stop,
		good: o.Succeeded, streak: streak{most: o.MaxConsecutiveFailures},
	}
}

// watch begins a run, which lasts as long as its context.
func (h *health) watch(run context.Context) {
	h.run = run
	h.hold, h.about, h.probeAt = scouting, len(h.steps)-1, time.Now()
}

func (h *health) beginCalm() {
	ctx, end := context.WithCancel(h.run)
	h.calm.Store(&calm{ctx, end})
}

// calmContext returns a context that ends when rows are held, nil while they are.
// Rows wait for their tokens with it, so that they make way for the probe.
func (h *health) calmContext() context.Context {
	if calm := h.calm.Load(); calm != nil {
		return calm
	}
	return nil
}

// tell fills in what is known of the service and this machine.
func (h *health) tell(s *State) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.Outage, s.Last, s.Shortage = h.outage, h.last, h.exhausted
	for i := range h.steps {
		s.Failures = max(s.Failures, h.steps[i].failures)
	}
}

// throughSince reports whether an attempt of its operation got through that was sent
// after the row's last failure.
func (h *health) throughSince(row *rowHealth) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.steps[row.operation].through.After(row.failedAt)
}

// held reports whether rows are held, and when the next of them may probe; zero
// while a probe is under way.
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
		h.release(time.Now()) // the first call takes longer than scoutTime
		return false
	}
	h.probing = h.hold != noHold
	if h.hold == scouting {
		h.probeAt = time.Now().Add(scoutTime)
	}
	return h.probing
}

// isProbing reports whether a probe is under way.
func (h *health) isProbing() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.probing
}

// observe takes in the answer to an attempt of a row; accuse does so for a fatal
// one. changed: workers that wait have to look again.
func (h *health) observe(row *rowHealth, sent time.Time, probing bool, a Answer) (changed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now, s := time.Now(), &h.steps[row.operation]
	isAbout := row.operation == h.about
	switch a.Verdict {
	case Transient, Misconfigured, Exhausted:
		if a.Verdict == Exhausted {
			row.unsent++
			h.exhausted = a.Code
		}
		own := row.failures > row.unsent && s.through.After(row.failedAt) && !h.ended.After(sent)
		row.fail(now, own && a.Verdict != Exhausted)
		s.failures++
		h.stalling(row.operation, sent, a)
		return h.failed(row.operation, now, probing)
	case Throttled:
		// The service is there, which ends an outage. But nothing got through.
		h.reached = true
		h.stalling(row.operation, sent, a)
		s.failures = 0
		if h.hold == inTrial || h.hold == inOutage && !isAbout {
			return false
		}
	default:
		h.reached = true
		if sent.After(s.through) {
			s.through = sent
		}
		s.noStall()
		s.failures = 0
		if h.hold == inTrial && !probing {
			return false // it may have been sent before the fatal answer
		}
		if h.hold != noHold && !isAbout {
			return false
		}
	}
	return h.release(now)
}

// failed takes in a failure: it may begin an outage or put off the next probe.
func (h *health) failed(operation int, now time.Time, probing bool) (changed bool) {
	switch {
	case h.hold == scouting:
		return h.release(now)
	case h.hold != noHold && probing:
		h.probes++
		h.wait(now)
		return true
	case h.hold == noHold && h.steps[operation].failures >= h.after:
		h.outage = now
		h.begin(inOutage, operation)
		h.wait(now)
		return true
	}
	return false
}

// unprobed ends a probe that made no attempt, or did not come to the operation that
// the hold is about. The next one may begin.
func (h *health) unprobed() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.probing, h.probeAt = false, time.Now()
}

// probed ends a probe whose row is finished, if that has not ended it.
func (h *health) probed() {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.hold == scouting:
		h.release(time.Now())
	case h.probing:
		h.probing, h.probeAt = false, time.Now()
	}
}

// accuse takes in a fatal answer and decides what becomes of the row.
func (h *health) accuse(t *task, probing bool, a Answer) decision {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	s := &h.steps[t.operation]
	isOther := h.hold == inTrial && h.onTrial != t
	chance := a.Verdict == FatalIfRepeated && h.reached && !t.secondChance
	switch {
	case t.othersPass, !t.accusedAt.IsZero() && s.through.After(t.accusedAt):
		h.release(now)
		return finished
	case isOther && !chance && s.through.IsZero():
		return stopRun
	case isOther && !probing:
		// It was on the wire when the trial began, so it does not decide the trial.
		t.accusedAt, t.secondChance = now, true
		return setAside
	case isOther && chance:
		t.accusedAt, t.secondChance = now, true
		return probeAgain
	case isOther:
		if h.accused++; h.accused+1 >= manyAccused {
			return stopRun
		}
		t.accusedAt, h.probing, h.probeAt = now, false, now
		return setAside
	}
	t.accusedAt, h.onTrial, h.accused = now, t, 0
	h.begin(inTrial, t.operation)
	if chance {
		t.secondChance, h.probing = true, true
		return probeAgain
	}
	h.probeAt = now
	return setAside
}

// manyAccused is how many rows, one after the other, must be answered Fatal to
// end a run in which others got through before. Fewer may be bad rows that
// happen to stand together.
const manyAccused = 3

// gotThrough reports whether an attempt of an operation got through in this run.
func (h *health) gotThrough(operation int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.steps[operation].through.IsZero()
}

// begin holds all rows for what happened to an operation.
func (h *health) begin(why hold, about int) {
	h.hold, h.about, h.probes, h.probing = why, about, 0, false
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
	if !h.outage.IsZero() { // a trial may have followed it
		h.ended = now
	}
	h.hold, h.outage, h.probing, h.onTrial = noHold, time.Time{}, false, nil
	h.beginCalm()
	return true
}

// isMisconfigured reports whether an answer ends the run as Misconfigured: the
// service itself has never answered.
func (h *health) isMisconfigured(a Answer) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return a.Verdict == Misconfigured && !h.reached
}

// finished counts a row and returns an error when too many have failed.
func (h *health) finished(r Result) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.Status.Succeeded() {
		h.good = r.Row
	}
	return h.streak.finished(r)
}

// goodRow returns a row that has succeeded, if one has.
func (h *health) goodRow() (row Row, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.good, h.good.Line > 0
}
