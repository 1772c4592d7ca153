// Package messages writes to standard error without ever waiting for whoever
// reads it.
//
// The one idea in it: a message is put into a bounded queue, and one goroutine
// writes. A reader that has stopped, a full pipe, a terminal that is held with
// Ctrl-S: each stops that goroutine alone, never the program. What the queue
// cannot hold is dropped, progress first, and a line reports that when there is
// a reader again.
package messages

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

const (
	// patience is how long Close waits for a reader.
	patience = time.Second
	// listPatience is how long Wait waits while nothing is read: long enough for a slow
	// connection, or for a terminal that is held for a moment.
	listPatience = 5 * time.Second
)

// Bar is something that stays at the bottom of a terminal while lines are
// written above it.
type Bar interface {
	// Write writes whole lines above the bar.
	io.Writer
	// Stop takes the bar off the terminal, once what was written is there.
	Stop()
}

// Writer writes messages, one line each, with control characters escaped.
// Make one with [New]. Its methods are safe for concurrent use, and none but
// Wait and Close waits for anything.
type Writer struct {
	out  io.Writer
	done chan struct{} // closed when everything is written

	mu     sync.Mutex
	format format
	width  func() int // see WrapAt
	queue  queue
	closed bool
	woken  chan struct{} // has a value when there may be something to do
	// written counts the items that were taken and are done. isDeserted: Wait has given
	// up, and nothing was written since.
	written    int
	isDeserted bool
}

// New returns a writer that writes to out, in lines that begin with the prefix.
// Close it in the end.
func New(out io.Writer, prefix string) *Writer {
	w := &Writer{out: out, done: make(chan struct{}), format: text{prefix}, width: func() int { return 0 }, woken: make(chan struct{}, 1)}
	go w.write()
	return w
}

// WrapAt has the messages of Info broken between words, into rows of as many
// columns as width returns, 0 for any number. Errors stay in one piece, for they
// may have commands to be copied. JSON is never broken.
func (w *Writer) WrapAt(width func() int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.width = width
}

// UseJSON has messages come as JSON objects from now on, with the keys of
// [log/slog].
func (w *Writer) UseJSON() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.format = jsonFormat{}
}

// Error tells what went wrong.
func (w *Writer) Error(message string) { w.say(slog.LevelError, message) }

// Warn tells what may not be what was meant.
func (w *Writer) Warn(message string) { w.say(slog.LevelWarn, message) }

// Info tells how things are going.
func (w *Writer) Info(message string) { w.say(slog.LevelInfo, message) }

func (w *Writer) say(level slog.Level, message string) {
	w.put(func() item {
		width := 0
		if level == slog.LevelInfo {
			width = w.width()
		}
		return item{kind: kept, line: w.format.message(level, message, width)}
	})
}

// Progress tells how far things have come: in a message for a person, or in
// fields where lines are JSON. It is the first to be dropped.
func (w *Writer) Progress(message string, fields []slog.Attr) {
	w.put(func() item { return item{kind: passing, line: w.format.progress(message, fields)} })
}

// Begin puts a bar below the lines that come from now on, until End. start is
// given what to draw on, and is called when all earlier lines are written. There
// is one bar at a time.
func (w *Writer) Begin(start func(out io.Writer) Bar) {
	w.put(func() item { return item{kind: demanded, start: start} })
}

// End takes the bar away, after the messages that came before. It does not wait
// for that. Without a bar it does nothing.
func (w *Writer) End() {
	w.put(func() item { return item{kind: demanded, stop: true} })
}

// put queues the item that make returns while w.mu is held.
func (w *Writer) put(make func() item) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.queue.put(make())
		w.wake()
	}
}

func (w *Writer) wake() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

// take returns the next item, or false when there will be no other.
func (w *Writer) take() (item, bool) {
	for {
		w.mu.Lock()
		next, ok := w.queue.take(w.format)
		closed := w.closed
		w.mu.Unlock()
		if ok || closed {
			return next, ok
		}
		<-w.woken
	}
}

// write is the one goroutine that writes.
func (w *Writer) write() {
	defer close(w.done)
	s := sink{out: w.out}
	for {
		next, ok := w.take()
		if !ok {
			s.end()
			return
		}
		switch {
		case next.reached != nil:
			close(next.reached)
		case next.start != nil:
			s.begin(next.start)
		case next.stop:
			s.end()
		default:
			s.line(next.line)
		}
		w.mu.Lock()
		w.written++
		w.isDeserted = false
		w.mu.Unlock()
	}
}

// Wait waits until all messages so far are written, or until ctx ends. It is for
// lists that are longer than the queue. When nothing is read for five seconds, it gives
// up, and does not wait again before something is.
func (w *Writer) Wait(ctx context.Context) {
	w.mu.Lock()
	written, isDeserted := w.written, w.isDeserted
	w.mu.Unlock()
	if isDeserted || ctx.Err() != nil {
		return
	}
	reached := make(chan struct{})
	w.put(func() item { return item{kind: demanded, reached: reached} })
	for {
		select {
		case <-reached:
			return
		case <-w.done:
			return
		case <-ctx.Done():
			return
		case <-time.After(listPatience):
		}
		w.mu.Lock()
		w.isDeserted = w.written == written
		written, isDeserted = w.written, w.isDeserted
		w.mu.Unlock()
		if isDeserted {
			return
		}
	}
}

// Close writes what is left, waits for a reader for a second at most, and leaves
// the rest. Later messages are dropped. Closing again waits again.
func (w *Writer) Close() {
	w.mu.Lock()
	w.closed = true
	w.wake()
	w.mu.Unlock()
	select {
	case <-w.done:
	case <-time.After(patience):
	}
}
