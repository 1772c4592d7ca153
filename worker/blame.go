package worker

import "context"

// blame is called before a fatal answer ends the run, when there is no other row to ask,
// or none has got through since the run began. A row that has succeeded is asked again,
// which changes nothing for its user. If that gets through, the answer was about the
// task's row, which is to be asked once more. Otherwise blame returns the error that ends
// the run.
func (r *run) blame(ctx context.Context, t *task) error {
	fatal := t.fatal(r.pool.operations)
	row, ok := r.health.goodRow()
	if !ok || t.last.Verdict == Misconfigured {
		return fatal
	}
	operation := &r.pool.operations[t.operation]
	for {
		sent, err := r.admit(ctx, operation.Limiter, true)
		if err != nil {
			return err
		}
		answer := r.call(ctx, operation, row)
		r.tell(operation, sent, answer)
		switch answer.Verdict {
		case Throttled:
		case Done, AlreadyDone, Refused, TriggerFailed:
			t.othersPass = true
			if r.health.observe(&rowHealth{operation: t.operation}, sent, true, answer) {
				r.queue.wakeAll()
			}
			return nil
		default: // fatal too, or nobody can tell
			return fatal
		}
	}
}
