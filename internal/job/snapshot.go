package job

import (
	"cognito-confirm/ratelimit"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// Snapshot is a job at one moment: all that a progress line, a page or a
// heartbeat has to show.
type Snapshot struct {
	// Report counts the rows of this run and of earlier ones.
	Report report.State
	// Limiter is how the run is paced, Pool what is in flight and what the
	// outage is about. Both are zero when there is nothing left to do.
	Limiter ratelimit.State
	// Marking is how it is paced where attributes are marked as verified, else zero.
	Marking ratelimit.State
	Pool    worker.State
	// Quota is the calls a second that the service allows the account, 0 when that
	// is not known.
	Quota float64
	// Concurrency is how many calls may be in flight.
	Concurrency int
	// InputOffset is how far the input was read, in bytes of its unpacked text.
	InputOffset int64
	// NothingLeft: Open found every row of the input in the report.
	NothingLeft bool
}

// codeStore stands in the place of an answer's code while the store is what the
// run waits for.
const codeStore = "store_unreachable"

// Snapshot returns the job as it is now. It is safe for concurrent use.
func (j *Job) Snapshot() Snapshot {
	s := Snapshot{
		Report:      j.recorder.State(),
		Quota:       j.quota,
		Concurrency: j.options.Pool.Concurrency,
		InputOffset: j.input.Offset(),
		NothingLeft: j.remaining == nil,
	}
	if j.remaining != nil {
		s.Limiter, s.Marking, s.Pool = j.limiter.State(), j.markingState(), j.pool.State()
	}
	if since := j.remote.heldSince(); !since.IsZero() && s.Pool.Outage.IsZero() {
		s.Pool.Outage, s.Pool.Last = since, worker.Answer{Code: codeStore}
	}
	return s
}
