package worker

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// queue is all that waits to be done: rows that nobody has begun, tasks that an
// outage has sent back, and tasks that are due for a retry at some time. A
// worker takes what is ready. It is safe for concurrent use.
type queue struct {
	health *health
	size   int // of the rows not begun, and of the retries beside which more are begun

	mu     sync.Mutex
	ready  sync.Cond // something may be ready; signal it by wakeOne
	idle   int       // workers that wait for that
	waking bool      // one of them was woken and has yet to look
	room   sync.Cond // there is room for rows
	fresh  []Row     // a ring of rows that nobody has begun
	first  int       // where the next of them is
	count  int
	bytes  int  // of all rows that are not finished
	isFull bool // the reader waits for room
	ended  bool // no more rows come
	back   []*task
	later  taskHeap
	aside  *task // was answered Fatal; another row is asked first
	// hands is how many tasks workers hold, limit how many they may.
	hands, limit int
	// unfinished tasks have been begun, suspects are those of them that have
	// had their attempts and failures of their own.
	unfinished, suspects int

	alarm   *time.Timer // wakes a worker at the time alarmAt
	alarmAt time.Time   // zero: not set
}

// taken is what a worker takes.
type taken struct {
	task    *task // nil when nothing is left
	probing bool  // its attempt finds out whether the others may go on
	gaveUp  bool  // it gets no more attempts
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
	q.bytes += row.size()
	q.wakeOne()
	return nil
}

// maxBytes is how many bytes the rows may have that are not finished. One row
// may have more.
const maxBytes = 32 << 20

func (q *queue) hasRoom() bool {
	return q.count < q.size && q.bytes < maxBytes || q.count+q.unfinished == 0
}

// makeRoom wakes the reader, but not for every row.
func (q *queue) makeRoom() {
	if q.isFull && (q.count <= q.size/2 && q.bytes <= maxBytes/2 || q.count+q.unfinished == 0) {
		q.isFull = false
		q.room.Signal()
	}
}

// end says that no more rows come.
func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.ready.Broadcast()
}

// take waits for something to do. Its task is nil when all is done, and the
// error says why the context ended before that. A row that nobody has begun is
// put into spare.
func (q *queue) take(ctx context.Context, spare *task) (taken, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		if q.isDone() {
			return taken{}, nil
		}
		if ctx.Err() != nil {
			if q.isEmpty() {
				return taken{}, nil // the rows on the wire may be the last, and who does them knows
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

// wakeOne wakes a worker, unless one is waking up already: it looks at all
// that is there, and wakes the next when there is more. To wake one for every
// row would cost more than all else that a pool does for a row.
func (q *queue) wakeOne() {
	if q.idle > 0 && !q.waking {
		q.waking = true
		q.ready.Signal()
	}
}

// passOn sees to it that somebody takes the next thing when it is ready.
func (q *queue) passOn() {
	if q.count > 0 || len(q.back) > 0 {
		q.wakeOne()
	}
	if len(q.later) > 0 {
		q.wakeAt(q.later[0].due)
	}
}

// isDone says that every row is finished.
func (q *queue) isDone() bool { return q.ended && q.count == 0 && q.unfinished == 0 }

// isEmpty says that there is nothing to take, now or later, but what workers
// may put back.
func (q *queue) isEmpty() bool {
	return q.ended && q.count == 0 && len(q.back) == 0 && len(q.later) == 0 && q.aside == nil
}

// pick takes what is ready; while rows are held, only what may probe. Its task
// is nil when there is nothing; then the alarm is set for the time when there
// may be.
func (q *queue) pick(now time.Time, spare *task) taken {
	held, probeAt := q.health.held()
	switch {
	case held && probeAt.IsZero():
		return taken{}
	case held && now.Before(probeAt):
		q.wakeAt(probeAt)
		return taken{}
	case !held && q.aside != nil:
		q.back = append(q.back, q.aside)
		q.aside = nil
	}
	next := q.choose(now, held, spare)
	if held && next.task == nil && q.aside != nil && q.unfinished == 1 {
		next = taken{task: q.aside, alone: true}
		q.aside = nil
	}
	if held && next.task != nil && !next.gaveUp && next.task.result.Row.Invalid == nil {
		next.probing = q.health.probe()
	}
	return next
}

// choose takes the next task. A retry after whose failure nothing has got
// through makes way for a row that nobody has asked about: all tasks may be
// rows like it, and then nothing would ever tell them from an outage. When
// there is no other row, and every task is a suspect, it is given up.
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
	if due != nil && !held && (due.madeWay || q.health.throughSince(due.failedAt)) {
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
	t := heap.Pop(&q.later).(*task)
	t.madeWay = false
	return t
}

func (q *queue) popFresh(t *task) *task {
	*t = task{result: Result{Row: q.fresh[q.first]}}
	q.fresh[q.first] = Row{} // it holds on to its texts
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
	heap.Push(&q.later, t)
	q.handBack()
}

// giveBack takes a task from a worker that had no attempt since it was taken.
func (q *queue) giveBack(t *task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.back = append(q.back, t)
	q.handBack()
}

// setAside takes a task from a worker until another row was asked.
func (q *queue) setAside(t *task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.aside = t
	q.handBack()
}

// finished takes a task off the books.
func (q *queue) finished(t *task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.unfinished--
	q.bytes -= t.result.Row.size()
	q.makeRoom()
	if t.counted {
		q.suspects--
	}
	if q.isDone() {
		q.ready.Broadcast()
	}
	q.handBack()
}

func (q *queue) handBack() {
	q.hands--
	if q.limit < q.size || q.aside != nil {
		q.wakeOne() // it may have waited for this
	}
}

// lower has workers hold fewer tasks than they have calls in flight, at least one.
func (q *queue) lower(inFlight int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.limit = max(1, min(q.limit, inFlight-1))
}

// concurrency is how many tasks workers may hold.
func (q *queue) concurrency() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.limit
}

// wakeAll has everybody look again.
func (q *queue) wakeAll() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ready.Broadcast()
	q.room.Broadcast()
}

// wakeAt has one worker look again at that time, or earlier.
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

// taskHeap orders tasks by the time at which they are due. It is a
// [heap.Interface].
type taskHeap []*task

func (h taskHeap) Len() int           { return len(h) }
func (h taskHeap) Less(i, j int) bool { return h[i].due.Before(h[j].due) }
func (h taskHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push is called by the heap.
func (h *taskHeap) Push(t any) { *h = append(*h, t.(*task)) }

// Pop is called by the heap.
func (h *taskHeap) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return t
}
