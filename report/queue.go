package report

import (
	"sync"
	"time"

	"cognito-confirm/worker"
)

// queue takes results from many goroutines and gives them to one, a batch at
// a time. That one is not woken for each result, which would cost more than
// writing it.
type queue struct {
	// ready has a value when there is a first result, or a batch.
	ready chan struct{}

	mu      sync.Mutex
	results []worker.Result // at most a batch
	bytes   int             // of these
	first   time.Time       // when the first of them came
	room    sync.Cond       // signalled when they were taken
	err     error           // the failure after which none is accepted
}

func newQueue() *queue {
	q := &queue{ready: make(chan struct{}, 1)}
	q.room.L = &q.mu
	return q
}

// add accepts a result, when there is room for it, or returns the failure.
func (q *queue) add(result worker.Result) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.isFull() && q.err == nil {
		q.room.Wait()
	}
	if q.err != nil {
		return q.err
	}
	if len(q.results) == 0 {
		q.first = time.Now()
	}
	q.results = append(q.results, result)
	q.bytes += result.Row.Size() + len(result.Message)
	if len(q.results) == 1 || q.isFull() {
		select {
		case q.ready <- struct{}{}:
		default: // it has yet to look
		}
	}
	return nil
}

// isFull reports whether there is no room for one more. A row may be of 16 MiB,
// so results are counted in bytes too.
func (q *queue) isFull() bool { return len(q.results) == batch || q.bytes >= batchBytes }

// take returns the results, if there are any, or if there is no room for more.
// The empty slice takes the next ones.
func (q *queue) take(onlyFull bool, empty []worker.Result) (results []worker.Result, taken bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.results) == 0 || onlyFull && !q.isFull() {
		return empty, false
	}
	results, q.results, q.bytes = q.results, empty, 0
	q.room.Broadcast()
	return results, true
}

// age is how long the first result has been waiting.
func (q *queue) age() time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	return time.Since(q.first)
}

// fail accepts no more results and returns how many were not taken.
func (q *queue) fail(err error) (left int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.err = err
	left, q.results, q.bytes = len(q.results), nil, 0
	q.room.Broadcast()
	return left
}
