package worker

import "time"

// task is a row and how far it has come in its operations. Either a worker or
// the queue holds it, never both.
type task struct {
	result Result
	rowHealth
	// begun is how long the row had taken when this operation came.
	begun time.Duration
	// suspect: all attempts are spent, and some failures were the row's own.
	suspect bool
	// stubborn: all attempts are spent over more than stubbornTime, and the
	// service itself answered each with a failure.
	stubborn bool
	// maybeDone: an attempt of this operation may have taken effect although its
	// answer was lost.
	maybeDone bool
	// accusedAt is when it was last answered Fatal, zero for never.
	accusedAt time.Time
	// othersPass: a row that was asked after its fatal answer got through, see blame.
	othersPass bool
	// secondChance: the row has had the extra attempt that FatalIfRepeated gives.
	secondChance bool
	// foreign: a failure came from elsewhere than the service itself.
	foreign bool
	// last is the answer to the last attempt.
	last Answer
	// firstStatus and first are the status and the answer of the first operation. They
	// are the row's outcome when the others succeed, too.
	firstStatus Status
	first       Answer

	// due is when the queue may hand it out again. madeWay: another row was asked
	// since then. Only the queue uses these three.
	due     time.Time
	madeWay bool
	counted bool // among the queue's suspects
}

// decision is what happens to a row after an attempt.
type decision int

const (
	again      decision = iota // at once; the limiter is all that it waits for
	retryLater                 // after a backoff
	finished                   // this operation is over, with success or without
	probeAgain                 // at once, while all other rows are held
	setAside                   // until another row was asked
	stopRun                    // every row would get this answer
)

// count adds an attempt to the result.
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

// judge decides what an answer means for the row; accuse does so for a fatal
// one. After a transient failure the result is complete, in case that no other
// attempt follows.
func (t *task) judge(a Answer, maxAttempts int) decision {
	switch a.Verdict {
	case Done:
		t.succeed(StatusConfirmed, a)
	case AlreadyDone:
		status := StatusAlreadyConfirmed
		if t.maybeDone {
			status, a.Code, a.Message = StatusConfirmed, "", "confirmed, most likely by an earlier attempt of this run whose answer was lost"
		}
		t.succeed(status, a)
	case Refused:
		t.fail(a)
	case TriggerFailed:
		if t.operation > 0 {
			t.fail(a)
		} else {
			t.end(StatusTriggerFailed, a)
		}
	case Throttled:
		// Never a row's outcome: the next token is the wait.
		t.result.Throttled++
		return again
	case Exhausted:
		return retryLater
	default:
		t.maybeDone = t.maybeDone || a.MaybeDone
		t.foreign = t.foreign || !a.InProtocol
		t.fail(a)
		if t.own < maxAttempts {
			isSpent := t.failures-t.unsent >= maxAttempts
			t.suspect = t.own > 0 && isSpent
			t.stubborn = !t.foreign && isSpent && t.result.Duration-t.begun >= stubbornTime
			return retryLater
		}
	}
	return finished
}

// stubbornTime is how long the last row of a run must have failed before that
// counts as its own failure. Most trouble of a service passes sooner.
const stubbornTime = time.Minute

func (t *task) succeed(status Status, a Answer) {
	if t.operation == 0 {
		t.firstStatus, t.first = status, a
	}
	t.end(t.firstStatus, t.first)
}

// fail ends a row with an operation that did not succeed.
func (t *task) fail(a Answer) {
	status := StatusFailed
	if t.operation > 0 {
		status = StatusNotVerified
	}
	t.end(status, a)
}

// advance goes on to the next operation, with a clean record.
func (t *task) advance() {
	*t = task{
		result: t.result, firstStatus: t.firstStatus, first: t.first, last: t.last, begun: t.result.Duration,
		rowHealth: rowHealth{operation: t.operation + 1},
	}
}

func (t *task) end(status Status, a Answer) {
	r := &t.result
	r.Status, r.Code, r.Exception, r.Message, r.UserStatus = status, a.Code, a.Exception, a.Message, a.UserStatus
}

// fatal is the error of a run that this row's last answer ends.
func (t *task) fatal(operations []Operation) error {
	return &FatalError{
		Code: t.last.Code, Cause: t.last.Cause, Line: t.result.Row.Line,
		Operation: operations[t.operation].Name, Misconfigured: t.last.Verdict == Misconfigured,
	}
}
