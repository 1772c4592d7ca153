package messages

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
)

// kind tells how much an item matters.
type kind int

const (
	// passing: it matters only until the next one.
	passing kind = iota
	// kept: it is dropped only when there is no room and everything else is as important.
	kept
	// demanded: it is never dropped. There are a handful in the life of a program.
	demanded
)

// item is one thing to do for the goroutine that writes.
type item struct {
	kind  kind
	line  []byte
	start func(io.Writer) Bar // not nil: begin a bar
	stop  bool                // end the bar
	// reached is closed when everything before it is written.
	reached chan struct{}
}

// The bounds of a queue: far more than a command writes at once, and little enough
// to be held for a reader that never comes.
const (
	mostItems = 1000
	mostBytes = 1 << 20
)

// queue has what is still to be written, in order. The zero value is empty.
type queue struct {
	items   []item
	bytes   int
	dropped int // of those that are kept, and not reported yet
}

// put adds an item, or drops what matters least. There is always room for one.
func (q *queue) put(i item) {
	for i.kind != demanded && len(q.items) > 0 && (len(q.items) >= mostItems || q.bytes+len(i.line) > mostBytes) {
		if !q.dropPassing() {
			if i.kind == kept {
				q.dropped++
			}
			return
		}
	}
	q.items = append(q.items, i)
	q.bytes += len(i.line)
}

// dropPassing drops the oldest progress, if there is any.
func (q *queue) dropPassing() bool {
	at := slices.IndexFunc(q.items, func(i item) bool { return i.kind == passing })
	if at < 0 {
		return false
	}
	q.bytes -= len(q.items[at].line)
	q.items = slices.Delete(q.items, at, at+1)
	return true
}

// take takes out the oldest item. When all are taken, it tells how many were dropped.
func (q *queue) take(f format) (item, bool) {
	if len(q.items) == 0 {
		if q.dropped == 0 {
			return item{}, false
		}
		message := "1 message is lost, because nobody read it in time"
		if q.dropped > 1 {
			message = fmt.Sprintf("%d messages are lost, because nobody read them in time", q.dropped)
		}
		q.dropped = 0
		return item{kind: kept, line: f.message(slog.LevelError, message, 0)}, true
	}
	next := q.items[0]
	q.bytes -= len(next.line)
	q.items = slices.Delete(q.items, 0, 1)
	return next, true
}
