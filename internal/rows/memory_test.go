package rows

import (
	"runtime"
	"testing"
)

// A million rows must not need more memory than ten: what a row needs is gone
// with the row, and what it costs to make one has a bound.
func TestReaderMemoryIsFlat(t *testing.T) {
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
			for range 60_000 {
				next()
			}
			// Four bytes a row would be 240,000.
			if grown := int64(liveHeap()) - int64(before); grown > 120_000 {
				t.Errorf("60,000 rows left %d bytes", grown)
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
