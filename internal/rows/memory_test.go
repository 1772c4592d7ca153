package rows

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"cognito-confirm/internal/racedetector"
	"cognito-confirm/worker"
)

// A million rows must not need more memory than ten: what a row needs is gone
// with the row, and what it costs to make one has a bound.
func TestReaderMemoryIsFlat(t *testing.T) {
	racedetector.Skip(t)
	const user = "17,Ann Example,user%08d@example.com,x,\"York\nUK\",UNCONFIRMED\n"
	layouts := map[string]struct {
		header, format string
		options        Options
		allocations    float64 // a row at most
	}{
		"one column":        {"username\n", "user%08d@example.com\n", Options{}, 2},
		"six columns":       {"id,name,username,email,address,status\n", user, Options{}, 2},
		"metadata":          {"id,name,username,client_metadata.a,client_metadata.b,status\n", user, Options{}, 4},
		"no header":         {"", "user%08d@example.com,x\n", Options{NoHeader: true}, 2},
		"malformed":         {"username\n", "user%08d\"@example.com\n", Options{}, 8},
		"malformed, no row": {"", "user%08d\"@example.com\n", Options{NoHeader: true}, 8},
	}
	for name, layout := range layouts {
		t.Run(name, func(t *testing.T) {
			in := &endlessCSV{header: layout.header, chunk: usersChunk(layout.format)}
			r, err := NewReader(in, layout.options)
			if err != nil {
				t.Fatal(err)
			}
			line := 0
			next := func() {
				row, err := r.Next()
				if err != nil || row.Line <= line {
					t.Fatalf("row %s after line %d, error %v", rowText(readRow{Row: row}), line, err)
				}
				line = row.Line
			}
			if got := testing.AllocsPerRun(2000, next); got > layout.allocations {
				t.Errorf("%v allocations a row, want %v at most", got, layout.allocations)
			}
			before := liveHeap()
			for range 20_000 {
				next()
			}
			// Four bytes a row would be 80,000.
			if grown := int64(liveHeap()) - int64(before); grown > 60_000 {
				t.Errorf("20,000 rows left %d bytes", grown)
			}
			runtime.KeepAlive(r)
		})
	}
}

// liveHeap is how many bytes are in use after a garbage collection.
func liveHeap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// A large record whose text is dropped costs only the memory of what is kept of it.
func TestUsernamesHoldOnToNothing(t *testing.T) {
	const rows = 30
	large := strings.Repeat("x", 1<<20)
	for name, format := range map[string]string{"plain": "user%08d,v," + large + "\n", "quoted": "\"user%08d\",\"v\",\"" + large + "\"\n"} {
		t.Run(name, func(t *testing.T) {
			in := &endlessCSV{header: "username,client_metadata.k,note\n", chunk: fmt.Appendf(nil, format, 1)}
			r, err := NewReader(in, Options{})
			if err != nil {
				t.Fatal(err)
			}
			before := liveHeap()
			var kept []worker.Row
			for range rows {
				row, err := r.Next()
				if err != nil || row.Invalid != nil {
					t.Fatalf("row %s, error %v", rowText(readRow{Row: row}), err)
				}
				row.Raw = ""
				kept = append(kept, row)
			}
			// Buffers for one record, not the 30 MiB of all.
			if grown := int64(liveHeap()) - int64(before); grown > 8<<20 {
				t.Errorf("%d rows left %d bytes", rows, grown)
			}
			runtime.KeepAlive(kept)
			runtime.KeepAlive(r)
		})
	}
}
