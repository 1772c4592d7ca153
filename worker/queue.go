package worker

import (
	"context"
	"slices"
	"sync"
	"time"
)

// queue holds the work that waits: fresh rows, tasks that an outage or a trial has
// sent back, and tasks that wait for a retry. Workers take what is ready. It is
// safe for concurrent use.
type queue struct {
	health *health
	size   int // the most fresh rows; with as many retries waiting, no fresh row is begun

	mu     sync.Mutex
	ready  sync.Cond // something may be ready; signal it with wakeOne
	idle   int       // workers that wait for ready
	waking bool      // one of them was signalled and has yet to look
	room   sync.Cond // there is room for rows
	fresh  []Row     // a ring of rows not begun yet
	first  int       // where the next of them is
	count  int
	bytes  int  // of fresh and unfinished rows
	isFull bool // the reader waits for room
	ended  bool // the source has ended
	back   []*task
	later  []*task // by the time at which they are due
	aside  []*task // were answered Fatal; another row is asked first
	// hands is how many tasks workers hold, limit how many they may hold.
	hands, limit int
	// unfinished counts the tasks that were begun, suspects those of them that
	// are task.suspect.
	unfinished, suspects int

	alarm   *time.Timer // wakes a worker at the time alarmAt
	alarmAt time.Time   // zero: not set
}

// taken is what a worker takes.
type taken struct {
	task    *task // nil when nothing is left
	probing bool  // its attempt finds out whether the others may go on
	gaveUp  bool  // it has failed, without another attempt
	alone   bool  // it was answered Fatal, and there is no other row to ask
}

func newQueue(size int, h *health) *queue {
	q := &queue{health: h, size: size, limit: size, fresh: make([]Row, size)}
	q.ready.L, q.room.L = &q.mu, &q.mu
	return q
}

// put adds a row when there is room for it, or returns why the context ended.
// One goroutine may call put and end.
func (q *queue) put(ctx context.Context, row Row) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.hasRoom() && ctx.Err() == nil {
		q.isFull = true
		q.room.Wait()
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	q.fresh[(q.first+q.count)%q.size] = row
	q.count++
	q.bytes += row.Size()
	q.wakeOne()
	return nil
}

// maxBytes bounds the bytes of the fresh and unfinished rows. The reader stops
// when they have as many, so one row may exceed it.
const maxBytes = 32 << 20

func (q *queue) hasRoom() bool {
	return q.count < q.size && q.bytes < maxBytes || q.count+q.unfinished == 0
}

// makeRoom wakes the reader, but not for every row. When no fresh row is left, it
// does so as soon as there is room, because a trial may need another row.
func (q *queue) makeRoom() {
	isHalfEmpty := q.count <= q.size/2 && q.bytes <= maxBytes/2
	if q.isFull && (isHalfEmpty || q.count == 0 && q.hasRoom()) {
		q.isFull = false
		q.room.Signal()
	}
}

// end marks the end of the source.
func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.ready.Broadcast()
}

// take waits for a task. It returns a nil task when all is done, and the cause
// when the context ended before that. A fresh row becomes a task in spare.
func (q *queue) take(ctx context.Context, spare *task) (taken, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		if q.isDone() {
			return taken{}, nil
		}
		if ctx.Err() != nil {
			if q.isEmpty() {
				return taken{}, nil // a worker with a row on the wire decides whether the run is complete
			}
			return taken{}, context.Cause(ctx)
		}
		if q.hands < q.limit {
			if next := q.pick(time.Now(), spare); next.task != nil {
				q.hands++
				q.passOn()
				return next, nil
			}
		}
		q.idle++
		q.ready.Wait()
		q.idle--
		q.waking = false
	}
}

// wakeOne wakes a worker, unless one is waking up already. That one wakes the
// next when there is more to do, see passOn. A signal for every row would cost
// more than all the rest of the pool's work.
func (q *queue) wakeOne() {
	if q.idle > 0 && !q.waking {
		q.waking = true
		q.ready.Signal()
	}
}

// passOn wakes a worker for what is left, now or when it is due.
func (q *queue) passOn() {
	if q.count > 0 || len(q.back) > 0 {
		q.wakeOne()
	}
	if len(q.later) > 0 {
		q.wakeAt(q.later[0].due)
	}
}

// isDone reports whether every row is finished.
func (q *queue) isDone() bool { return q.ended && q.count == 0 && q.unfinished == 0 }

// isEmpty reports whether nothing is left but the tasks that workers hold.
func (q *queue) isEmpty() bool {
	return q.ended && q.count == 0 && len(q.back) == 0 && len(q.later) == 0 && len(q.aside) == 0
}

// pick takes a task that is ready, or one to probe while rows are held. When there
// is none it returns a nil task and sets the alarm for the next one.
func (q *queue) pick(now time.Time, spare *task) taken {
	held, probeAt := q.health.held()
	switch {
	case held && probeAt.IsZero():
		return taken{}
	case held && now.Before(probeAt):
		q.wakeAt(probeAt)
		return taken{}
	case !held && len(q.aside) > 0:
		q.back = append(q.back, q.aside...)
		q.aside = nil
	}
	next := q.choose(now, held, spare)
	if held && next.task == nil && len(q.aside) > 0 && q.unfinished == len(q.aside) && q.isLeft(now) {
		last := len(q.aside) - 1
		next = taken{task: q.aside[last], alone: true}
		q.aside = q.aside[:last]
	}
	if held && next.task != nil && !next.gaveUp && next.task.result.Row.Invalid == nil {
		next.probing = q.health.probe()
	}
	return next
}

// lonelyTime is how long the first rows of a slow source wait for another one
// when they were answered Fatal.
const lonelyTime = 10 * time.Second

// isLeft reports that no other row will come to be asked before those that are
// aside. When some row got through before, that is so only when the source has
// ended or there is no room for its next row.
func (q *queue) isLeft(now time.Time) bool {
	if q.ended || q.isFull && !q.hasRoom() {
		return true
	}
	if q.health.gotThrough(q.aside[0].operation) {
		return false
	}
	until := q.aside[0].accusedAt.Add(lonelyTime)
	if now.Before(until) {
		q.wakeAt(until)
		return false
	}
	return true
}

// choose takes the next task. A retry makes way once for a fresh row, unless
// something got through after its failure: if all tasks were bad rows, only a
// fresh row could show that this is no outage. Without a fresh row, a suspect is
// given up when every unfinished task is one.
func (q *queue) choose(now time.Time, held bool, spare *task) taken {
	if len(q.back) > 0 {
		t := q.back[0]
		q.back[0] = nil
		q.back = q.back[1:]
		return taken{task: t}
	}
	var due *task
	if len(q.later) > 0 && (held || !now.Before(q.later[0].due)) {
		due = q.later[0]
	}
	if due != nil && !held && (due.madeWay || q.health.throughSince(&due.rowHealth)) {
		return taken{task: q.popLater()}
	}
	if q.count > 0 && (due != nil || len(q.later) < q.size) {
		if due != nil {
			due.madeWay = true
		}
		return taken{task: q.popFresh(spare)}
	}
	if due != nil {
		isLast := q.ended && q.unfinished == 1
		return taken{task: q.popLater(), gaveUp: due.suspect && q.suspects == q.unfinished || due.stubborn && isLast}
	}
	if len(q.later) > 0 {
		q.wakeAt(q.later[0].due)
	}
	return taken{}
}

func (q *queue) popLater() *task {
	t := q.later[0]
	q.later = slices.Delete(q.later, 0, 1)
	t.madeWay = false
	return t
}

func (q *queue) popFresh(t *task) *task {
	*t = task{result: Result{Row: q.fresh[q.first]}}
	q.fresh[q.first] = Row{} // so that its texts can be freed
	q.first = (q.first + 1) % q.size
	q.count--
	q.unfinished++
	q.makeRoom()
	return t
}

// retry takes a task from a worker until it is due.
func (q *queue) retry(t *task, due time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	t.due = due
	if t.suspect && !t.counted {
		t.counted = true
		q.suspects++
	}
	at, _ := slices.BinarySearchFunc(q.later, due, func(t *task, due time.Time) int {
		if t.due.After(due) {
			return 1
		}
		return -1 // of equals, the first in is the first out
	})
	q.later = slices.Insert(q.later, at, t)
	q.handBack()
}

// giveBack takes a task from a worker; it is the first to be handed out again.
func (q *queue) giveBack(t *task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.back = append(q.back, t)
	q.handBack()
}

// setAside takes a task from a worker until another row has been asked.
func (q *queue) setAside(t *task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.aside = append(q.aside, t)
	q.handBack()
}

// finished removes a task that has its result.
func (q *queue) finished(t *task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.unfinished--
	q.bytes -= t.result.Row.Size()
	q.makeRoom()
	if t.counted {
		q.suspects--
	}
	if q.count+q.unfinished == 0 {
		q.health.idle()
	}
	if q.isDone() {
		q.ready.Broadcast()
	}
	q.handBack()
}

// advance takes a task that a worker holds to its next operation.
func (q *queue) advance(t *task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if t.counted {
		q.suspects--
	}
	t.advance()
}

func (q *queue) handBack() {
	q.hands--
	if q.limit < q.size || len(q.aside) > 0 {
		q.wakeOne() // an idle worker may have waited for this
	}
}

// lower limits the tasks that workers hold to one less than the calls in flight,
// but at least one.
func (q *queue) lower(inFlight int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.limit = max(1, min(q.limit, inFlight-1))
}

// concurrency returns how many tasks workers may hold.
func (q *queue) concurrency() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.limit
}

// wakeAll makes every worker and the reader look again.
func (q *queue) wakeAll() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ready.Broadcast()
	q.room.Broadcast()
}

// wakeAt makes one worker look again at that time, or earlier.
func (q *queue) wakeAt(at time.Time) {
	if !q.alarmAt.IsZero() && !at.Before(q.alarmAt) {
		return
	}
	q.alarmAt = at
	if q.alarm == nil {
		q.alarm = time.AfterFunc(time.Until(at), q.ring)
		return
	}
	q.alarm.Reset(time.Until(at))
}

// ring is called by the alarm.
func (q *queue) ring() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.alarmAt = time.Time{}
	q.wakeOne()
}

// close stops the alarm of a run that is over.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.alarm != nil {
		q.alarm.Stop()
	}
}
