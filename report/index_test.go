package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
)

// TestIndexAgainstAMap adds lines in all orders and compares every answer with
// a map's.
func TestIndexAgainstAMap(t *testing.T) {
	type entry struct {
		username  string
		succeeded bool
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, spread := range []int{50, 3 * chunkLines, 40 * chunkLines} {
		x, model, last := newIndex(), make(map[int]entry), 0
		for i := range 2000 {
			line := 1 + random.IntN(spread)
			e := entry{fmt.Sprint("user", i), random.IntN(2) == 0}
			_, twice := model[line]
			if added := x.add(line, e.username, e.succeeded); added == twice {
				t.Fatalf("add of line %d: %v, although it is %v that it is there", line, added, twice)
			}
			if !twice {
				model[line] = e
			}
			last = max(last, line)
		}
		if x.rows != len(model) || x.last != last {
			t.Errorf("%d rows up to line %d, want %d up to %d", x.rows, x.last, len(model), last)
		}
		for line := range spread + chunkLines {
			want, known := model[line]
			done, same, succeeded := x.find(line, want.username)
			if done != known || same != known || succeeded != (known && want.succeeded) {
				t.Fatalf("line %d is %v %v %v, want %v with success %v", line, done, same, succeeded, known, want.succeeded)
			}
			if _, same, _ := x.find(line, want.username+"x"); same {
				t.Fatalf("line %d is taken for another user's", line)
			}
		}
		for range 500 {
			from := 1 + random.IntN(spread)
			to := from + random.IntN(spread/10)
			want := 0
			for line := from; line <= to && want == 0; line++ {
				if _, known := model[line]; known {
					want = line
				}
			}
			if got := x.firstIn(from, to); got != want {
				t.Fatalf("the first line of %d to %d is %d, want %d", from, to, got, want)
			}
		}
	}
}

func TestIndexOfNothing(t *testing.T) {
	x := newIndex()
	if done, _, _ := x.find(1, ""); done {
		t.Error("a line is done in an empty index")
	}
	if line := x.firstIn(1, x.last); line != 0 {
		t.Errorf("line %d is in an empty index", line)
	}
}

// TestIndexOfHugeLines: a damaged report can name any line, and asking for the
// first of those that are left must not count up to it.
func TestIndexOfHugeLines(t *testing.T) {
	for _, line := range []int{math.MaxInt, math.MaxInt - chunkLines, math.MaxInt / 3} {
		x := newIndex()
		x.add(2, "alice", true)
		if !x.add(line, "bob", true) || x.add(line, "bob", true) {
			t.Errorf("line %d cannot be added once", line)
		}
		if _, same, _ := x.find(line, "bob"); !same {
			t.Errorf("line %d is not found", line)
		}
		for from, want := range map[int]int{1: 2, 2: 2, 3: line, line: line} {
			if got := x.firstIn(from, x.last); got != want {
				t.Errorf("the first line from %d on is %d, want %d", from, got, want)
			}
		}
		if got := x.firstIn(3, line-1); got != 0 {
			t.Errorf("the first line between the two is %d", got)
		}
	}
}

// TestIndexMemory: five bytes a line and no more, in whatever order they come;
// four are the hash.
func TestIndexMemory(t *testing.T) {
	const rows = 1 << 20
	before := liveHeap()
	x := newIndex()
	for line := range rows {
		x.add(rows+1-line, "user", true)
	}
	if a := float64(liveHeap()-before) / rows; a > 5 {
		t.Errorf("%.2f bytes a line, want at most 5", a)
	}
	runtime.KeepAlive(x)
}

// TestIndexMemoryOfScatteredLines: a few lines far apart cost what is near
// them, not what is between them.
func TestIndexMemoryOfScatteredLines(t *testing.T) {
	const rows = 1000
	before := liveHeap()
	x := newIndex()
	for i := range rows {
		x.add(1+i*1_000_000_007, "user", true)
	}
	if a := (liveHeap() - before) / rows; a > 6000 {
		t.Errorf("%d bytes for each line that is on its own", a)
	}
	runtime.KeepAlive(x)
}

// liveHeap returns the bytes that are in use.
func liveHeap() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
