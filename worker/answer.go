package worker

// Verdict is what an answer means for the row and for the run.
type Verdict int

const (
	// Transient: the service or the way to it failed; the next attempt may
	// succeed. It is the zero value.
	Transient Verdict = iota
	// Done: the service did it.
	Done
	// AlreadyDone: it was done before this call.
	AlreadyDone
	// Refused: this row is refused, and would be refused again.
	Refused
	// TriggerFailed: a Lambda trigger of the pool failed; a second call would
	// not run it again.
	TriggerFailed
	// Throttled: the quota is spent for now.
	Throttled
	// Fatal: every row would get this answer. A second row has to show it, see
	// [Pool.Run].
	Fatal
	// FatalIfRepeated: as Fatal, but a row that is alone gets another attempt.
	FatalIfRepeated
	// Misconfigured: the way to the service is set up wrongly. It is fatal
	// before anything has got through, and Transient afterwards.
	Misconfigured
	// Exhausted: this machine has no descriptor or port left for the attempt,
	// so that nothing was sent. Fewer calls in flight help.
	Exhausted
)

// Answer is the outcome of one attempt. Its texts are in the form of
// oneline.Escape. The zero value is an attempt that failed for an unknown reason.
type Answer struct {
	Verdict Verdict
	// Code is the service's exception name or one of this program's own in
	// lower_snake, in any case one that a log may show; empty for a plain success.
	// Message is the service's text or ours.
	Code, Message string
	// Exception is the service's exception name as it came where that is not Code.
	Exception string
	// Cause is the part of Message that a log may show: the words of this program
	// and this machine, and not those of whoever answered.
	Cause string
	// UserStatus is the user's status as the API spells it, empty where the
	// service does not name one.
	UserStatus string
	// RequestID is the service's name for the call, empty without an answer.
	RequestID string
	// Answered: an HTTP answer came. InProtocol: it came from the service itself,
	// in its own protocol.
	Answered, InProtocol bool
	// MaybeDone: the attempt may have taken effect although its answer was lost.
	// A later AlreadyDone then means that this run did it.
	MaybeDone bool
}
