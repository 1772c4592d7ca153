package worker

import "time"

// task is a row on its way through its operations, and how far it has come.
// It is a value that a worker holds or the queue, never both.
type task struct {
	result    Result
	operation int // index of the one that comes next
	rowHealth
	// suspect: no attempt is left, and some failures were the row's own.
	suspect bool
	// stubborn: no attempt is left, and the service itself has failed them all
	// over more than stubbornTime.
	stubborn bool
	// maybeDone: an attempt of this operation that nobody answered may have
	// taken effect.
	maybeDone bool
	// accusedAt is when it was last answered Fatal, zero for never.
	accusedAt time.Time
	// secondChance: the one more attempt of FatalIfRepeated is spent.
	secondChance bool
	// foreign: an attempt failed and the service itself had not said so.
	foreign bool
	// last is the answer to the last attempt.
	last Answer
	// first is what the first operation came to: the row's outcome when the
	// others succeed too.
	first outcome

	// due is when the queue may hand it out again, madeWay that another row
	// was asked since. Both are the queue's.
	due     time.Time
	madeWay bool
	counted bool // among the queue's suspects
}

// outcome is what the report says first of all.
type outcome struct {
	status                    Status
	code, message, userStatus string
}

func outcomeOf(status Status, a Answer) outcome {
	return outcome{status, a.Code, a.Message, a.UserStatus}
}

// decision is what happens to a row after an attempt.
type decision int

const (
	again      decision = iota // at once; the limiter is all that it waits for
	retryLater                 // after a backoff
	finished                   // this operation is over, with success or without
	probeAgain                 // at once, while all others are held
	giveBack                   // until the hold is over
	setAside                   // until another row was asked
	stopRun                    // every row would get this answer
)

// count takes in what every answer tells.
func (t *task) count(sent time.Time, a Answer) {
	r := &t.result
	if r.Attempts == 0 {
		r.StartedAt = sent
	}
	r.Attempts++
	t.last = a
	r.Duration = time.Since(r.StartedAt)
	if a.Answered {
		r.RequestID = a.RequestID
	}
}

// judge decides what an answer means for the row, unless it is a fatal one.
// After a transient failure the result is that of a row with no attempts left.
func (t *task) judge(a Answer, maxAttempts int) decision {
	switch a.Verdict {
	case Done:
		t.succeed(outcomeOf(StatusConfirmed, a))
	case AlreadyDone:
		if t.maybeDone {
			t.succeed(outcome{status: StatusConfirmed, message: "confirmed, most likely by an earlier attempt of this run whose answer was lost", userStatus: a.UserStatus})
		} else {
			t.succeed(outcomeOf(StatusAlreadyConfirmed, a))
		}
	case Refused:
		t.end(outcomeOf(StatusFailed, a))
	case TriggerFailed:
		t.end(outcomeOf(StatusTriggerFailed, a))
	case Throttled:
		// Never a row's outcome: the next token is the wait.
		t.result.Throttled++
		return again
	case Exhausted:
		return retryLater
	default:
		t.maybeDone = t.maybeDone || a.MaybeDone
		t.foreign = t.foreign || !a.InProtocol
		t.end(outcomeOf(StatusFailed, a))
		if t.own < maxAttempts {
			t.suspect = t.own > 0 && t.failures >= maxAttempts
			t.stubborn = !t.foreign && t.failures >= maxAttempts && t.result.Duration >= stubbornTime
			return retryLater
		}
	}
	return finished
}

// stubbornTime is how long the service must have failed the last row before
// that is taken for the row's failure: longer than what passes.
const stubbornTime = time.Minute

func (t *task) succeed(o outcome) {
	if t.operation == 0 {
		t.first = o
	}
	t.end(t.first)
	t.maybeDone, t.secondChance, t.accusedAt = false, false, time.Time{}
}

func (t *task) end(o outcome) {
	r := &t.result
	r.Status, r.Code, r.Message, r.UserStatus = o.status, o.code, o.message, o.userStatus
}

// fatal is the error of a run that this row's last answer ends.
func (t *task) fatal() error {
	return &FatalError{Code: t.last.Code, Message: t.last.Message, Line: t.result.Row.Line, Misconfigured: t.last.Verdict == Misconfigured}
}
