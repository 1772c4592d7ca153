package worker

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// run is what belongs to one run of a pool.
type run struct {
	pool   *Pool
	sink   Sink
	queue  *queue
	health *health

	inFlight, attempts atomic.Int64 // calls on the wire, and those that were answered or given up on
}

// all takes every row from the source to the sink.
func (r *run) all(ctx context.Context, source Source) error {
	group, ctx := errgroup.WithContext(ctx)
	r.health.watch(ctx)
	if r.pool.begin != nil {
		r.pool.begin(r.health)
	}
	defer context.AfterFunc(ctx, r.queue.wakeAll)()
	defer r.queue.close()
	// A run that is stopped does not wait for the reader: nothing can wake a read
	// from a silent terminal or pipe.
	reading := make(chan error, 1)
	go func() { reading <- read(ctx, source, r.queue) }()
	var unread error // why there may be more rows in the source
	group.Go(func() error {
		select {
		case unread = <-reading:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	for range r.pool.options.Concurrency {
		group.Go(func() error { return r.work(ctx) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return unread
}

// read puts the rows into the queue, also those before a read error: the run
// does them first. It must touch nothing but the queue, because it may outlive
// the run.
func read(ctx context.Context, source Source, rows *queue) error {
	defer rows.end()
	for {
		row, err := source.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := rows.put(ctx, row); err != nil {
			return err
		}
	}
}

// work does what is ready until nothing is left or the run ends.
func (r *run) work(ctx context.Context) error {
	spare := new(task)
	for {
		next, err := r.queue.take(ctx, spare)
		if err != nil || next.task == nil {
			return err
		}
		kept, err := r.do(ctx, next)
		if err != nil {
			return err
		}
		switch {
		case next.task != spare:
		case kept:
			spare = new(task) // the queue has it
		default:
			*spare = task{} // a worker may wait for long, and its last row be of 16 MiB
		}
	}
}

// do takes a task as far as it gets without waiting for a retry. kept: the queue
// holds the task again.
func (r *run) do(ctx context.Context, next taken) (kept bool, err error) {
	t := next.task
	if r.leavesOut(next) {
		return false, nil
	}
	if invalid := t.result.Row.Invalid; invalid != nil {
		t.result.Status, t.result.Code, t.result.Message = StatusInvalid, invalid.Code, invalid.Message
		return false, r.finish(t)
	}
	if next.gaveUp {
		return false, r.finish(t)
	}
	if next.alone {
		if t.last.Verdict == FatalIfRepeated && !t.secondChance {
			t.secondChance = true
		} else if err := r.blame(ctx, t); err != nil {
			return false, err
		}
	}
	for {
		operation := &r.pool.operations[t.operation]
		sent, err := r.admit(ctx, operation.Limiter, next.probing)
		if errors.Is(err, errOutage) {
			r.queue.giveBack(t)
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if r.leavesOut(next) { // the wait may have been long
			return false, nil
		}
		answer := r.call(ctx, operation, t.result.Row)
		decision := r.observe(t, operation, sent, next.probing, answer)
		switch decision {
		case again:
			next.probing = next.probing && r.health.isProbing()
		case retryLater:
			r.queue.retry(t, time.Now().Add(r.pool.options.Jitter(backoffCeiling(t.failures))))
			return true, nil
		case finished:
			if t.operation == len(r.pool.operations)-1 || !t.result.Status.Succeeded() {
				if next.probing {
					r.health.probed()
				}
				return false, r.finish(t)
			}
			r.queue.advance(t)
			next.probing = next.probing && r.health.isProbing()
		case probeAgain:
			next.probing = true
		case setAside:
			r.queue.setAside(t)
			return true, nil
		case stopRun:
			if r.health.gotThrough(t.operation) {
				return false, t.fatal(r.pool.operations)
			}
			if err := r.blame(ctx, t); err != nil {
				return false, err
			}
			next.probing = false
		}
	}
}

// leavesOut drops a task whose row is not wanted any more. Once a call has been
// made for it, it is too late.
func (r *run) leavesOut(next taken) bool {
	t := next.task
	if t.result.Attempts > 0 || !r.pool.options.LeaveOut(t.result.Row) {
		return false
	}
	if next.probing {
		r.health.unprobed()
	}
	r.queue.finished(t)
	r.queue.wakeAll()
	return true
}

// errOutage means that an outage began while a task waited for its turn.
var errOutage = errors.New("an outage has begun")

// admit waits until the limiter lets an attempt pass, and returns the time at
// which it may be sent. Every attempt comes through here, retries too. When an
// outage begins meanwhile, all but the probe get errOutage.
func (r *run) admit(ctx context.Context, limiter Limiter, probing bool) (sent time.Time, err error) {
	until := ctx
	if !probing {
		if until = r.health.calmContext(); until == nil {
			return time.Time{}, errOutage
		}
	}
	err = limiter.Wait(until)
	// Check both contexts even with a token: it may have come as one of them ended.
	switch {
	case ctx.Err() != nil:
		return time.Time{}, context.Cause(ctx)
	case until.Err() != nil:
		return time.Time{}, errOutage
	case err != nil:
		return time.Time{}, err
	}
	return time.Now(), nil
}

// call makes one attempt. The end of the run does not cancel it, because its
// answer belongs in the report.
func (r *run) call(ctx context.Context, o *Operation, row Row) Answer {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.pool.options.Timeout)
	defer cancel()
	r.inFlight.Add(1)
	defer r.inFlight.Add(-1)
	return o.Call(ctx, row)
}

// tell counts an attempt and reports its answer to the limiter.
func (r *run) tell(o *Operation, sent time.Time, a Answer) {
	switch a.Verdict {
	case Exhausted: // nothing was sent
		r.queue.lower(int(r.inFlight.Load()))
		return
	case Transient, Misconfigured:
		o.Limiter.Failed(sent)
	default:
		o.Limiter.Observe(sent, a.Verdict == Throttled)
	}
	r.attempts.Add(1)
}

// observe reports an answer to the limiter and to health, and decides what
// happens to the row.
func (r *run) observe(t *task, o *Operation, sent time.Time, probing bool, a Answer) decision {
	r.tell(o, sent, a)
	if a.Verdict != Exhausted { // nothing was sent
		t.count(sent, a)
	}
	switch {
	case r.health.isMisconfigured(a):
		return stopRun
	case a.Verdict == Fatal, a.Verdict == FatalIfRepeated:
		d := r.health.accuse(t, probing, a)
		if d == finished {
			t.fail(a)
		}
		return d
	}
	if r.health.observe(&t.rowHealth, sent, probing, a) {
		r.queue.wakeAll()
	}
	return t.judge(a, r.pool.options.MaxAttempts)
}

// finish records what became of a row, then counts it: a row that ends the run
// is in the report too.
func (r *run) finish(t *task) error {
	result := t.result
	if result.Status.Succeeded() {
		result.Row.Raw = "" // only the failed-rows file needs it
	}
	if err := r.sink.Record(result); err != nil {
		return err
	}
	r.queue.finished(t)
	return r.health.finished(result)
}
