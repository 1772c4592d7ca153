package worker_test

import (
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/worker"
)

// TestRowsAreBoundedInBytes: of rows that are long, only a few are in memory.
func TestRowsAreBoundedInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const megabyte = 1 << 20
		source := &longRows{left: 100, raw: strings.Repeat("x", 15*megabyte)}
		sink := &recordings{fail: func(worker.Result) error { source.held.Add(-1); return nil }}
		service := scripted("")
		service.latency = time.Second
		if err := lonePool(service, &openLimiter{}, worker.Options{}).Run(t.Context(), source, sink); err != nil || len(sink.results) != 100 {
			t.Errorf("%d results, error %v", len(sink.results), err)
		}
		if most := source.most.Load(); most > 5 {
			t.Errorf("%d rows of 15 MiB were held at once", most)
		}
	})
}

// TestFinishedRowsAreLetGo: a worker that waits for its next row does not hold on
// to its last one.
func TestFinishedRowsAreLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rows, megabyte = 64, 1 << 20
		source := &slowEnd{left: rows, size: megabyte, end: make(chan struct{})}
		service := scripted("")
		service.latency = time.Second
		ended := make(chan error)
		before := heapInUse()
		go func() {
			ended <- lonePool(service, &openLimiter{}, worker.Options{Concurrency: rows}).Run(t.Context(), source, &recordings{})
		}()
		time.Sleep(time.Minute)
		if grown := heapInUse() - before; grown > rows*megabyte/4 {
			t.Errorf("%d MiB are held after %d rows of a mebibyte", grown>>20, rows)
		}
		close(source.end)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// heapInUse is how many bytes are in use after a garbage collection.
func heapInUse() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// slowEnd is a Source of rows of one length, which waits before its end.
type slowEnd struct {
	left, size int
	end        chan struct{}
}

func (s *slowEnd) Next() (worker.Row, error) {
	if s.left == 0 {
		<-s.end
		return worker.Row{}, io.EOF
	}
	s.left--
	return worker.Row{Line: 100 - s.left, Username: "ann", Raw: strings.Repeat("x", s.size)}, nil
}

// longRows is a Source of rows of one length, and counts those in memory.
type longRows struct {
	left       int
	raw        string
	held, most atomic.Int64
}

func (l *longRows) Next() (worker.Row, error) {
	if l.left == 0 {
		return worker.Row{}, io.EOF
	}
	l.left--
	l.most.Store(max(l.most.Load(), l.held.Add(1)))
	return worker.Row{Line: 100 - l.left, Username: "ann", Raw: l.raw}, nil
}
