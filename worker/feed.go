package worker

import (
	"context"
	"sync"
)

// A feed hands the rows from the one who reads them to those who do them. It
// is a channel but for one thing: who waits for a row is woken only when
// nobody else is waking up already. Where rows are done as fast as they are
// read, a channel would put a worker to sleep and wake it for every row, which
// costs more than all else that a pool does for a row.
type feed struct {
	wake chan struct{} // has a value for one who waits for a row
	room chan struct{} // has a value when there is room again

	mu      sync.Mutex
	rows    []Row // a ring
	first   int   // where the next row is
	count   int
	ended   bool // there are no rows but these
	isFull  bool // the reader waits for room
	waiting int  // how many wait for a row
	waking  bool // one of them was woken and has not looked yet
}

// newFeed returns a feed that holds so many rows, at least one.
func newFeed(size int) *feed {
	return &feed{wake: make(chan struct{}, 1), room: make(chan struct{}, 1), rows: make([]Row, size)}
}

// put adds a row, when there is room for it, or returns why the context ended.
// One goroutine may call put and end.
func (f *feed) put(ctx context.Context, row Row) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.count == len(f.rows) && ctx.Err() == nil {
		f.isFull = true
		f.mu.Unlock()
		select {
		case <-f.room:
		case <-ctx.Done():
		}
		f.mu.Lock()
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	f.rows[(f.first+f.count)%len(f.rows)] = row
	f.count++
	f.wakeOne()
	return nil
}

// end says that there are no more rows.
func (f *feed) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = true
	f.wakeOne()
}

// next waits for the next row, if there is one more. When the context ends in
// the same moment, a feed whose rows are all taken has ended before it, and of
// any other no row is taken any more.
func (f *feed) next(ctx context.Context) (row Row, more bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.count == 0 && !f.ended && ctx.Err() == nil {
		f.waiting++
		f.mu.Unlock()
		select {
		case <-f.wake:
		case <-ctx.Done():
		}
		f.mu.Lock()
		f.waiting--
		f.waking = false
	}
	switch {
	case f.count == 0 && f.ended:
		f.wakeOne() // the others have to learn it too
		return Row{}, false, nil
	case ctx.Err() != nil:
		return Row{}, false, context.Cause(ctx)
	}
	return f.pop(), true, nil
}

// tryNext returns the next row, if there is one now.
func (f *feed) tryNext() (row Row, taken bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.count == 0 {
		return Row{}, false
	}
	return f.pop(), true
}

// pop takes the next row. f.mu is held.
func (f *feed) pop() Row {
	row := f.rows[f.first]
	f.rows[f.first] = Row{} // it holds on to its texts
	f.first = (f.first + 1) % len(f.rows)
	f.count--
	if f.count > 0 {
		f.wakeOne()
	}
	// The reader is not woken for each row either.
	if f.isFull && f.count <= len(f.rows)/2 {
		f.isFull = false
		f.room <- struct{}{}
	}
	return row
}

// wakeOne wakes somebody who waits, unless one is waking up, who will see to
// the next. f.mu is held.
func (f *feed) wakeOne() {
	if f.waiting == 0 || f.waking {
		return
	}
	f.waking = true
	select {
	case f.wake <- struct{}{}:
	default: // left there by one who was woken by the context in the same moment
	}
}
