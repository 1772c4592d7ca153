package page

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

// noon is when the tests begin.
var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// TestTimelineIsBounded: whatever the length of a run, there are at most 720
// bins, and what is in them is all that happened.
func TestTimelineIsBounded(t *testing.T) {
	for name, test := range map[string]struct {
		rows     int
		distance time.Duration
		bins     int
		width    time.Duration
	}{
		"ten minutes":       {600, time.Second, 600, time.Second},
		"twenty minutes":    {1200, time.Second, 600, 2 * time.Second},
		"all in one second": {5000, 0, 1, time.Second},
		"three days":        {10_000, 26 * time.Second, 508, 512 * time.Second},
		"centuries":         {1000, 100 * 24 * time.Hour, 515, 1 << 24 * time.Second},
		"backwards":         {1200, -time.Second, 600, 2 * time.Second},
	} {
		timeline := newTimeline()
		for i := range test.rows {
			b := timeline.at(noon.Add(time.Duration(i) * test.distance))
			b.done++
			b.addCall(time.Duration(i) * time.Millisecond)
		}
		done, calls := 0, int64(0)
		for _, b := range timeline.bins {
			done += b.done
			calls += b.callCount()
		}
		width := time.Duration(timeline.width) * time.Millisecond
		if done != test.rows || calls != int64(test.rows) || width != test.width || len(timeline.bins) > maxBins {
			t.Errorf("%s: %d rows and %d calls in %d bins of %v, want %d in about %d of %v", name, done, calls, len(timeline.bins), width, test.rows, test.bins, test.width)
		}
		if few := test.bins - 2; len(timeline.bins) < few || len(timeline.bins) > test.bins+1 {
			t.Errorf("%s: %d bins, want about %d", name, len(timeline.bins), test.bins)
		}
	}
}

// TestMerge: bins merge in the pairs that the next width has, before 1970 as well.
func TestMerge(t *testing.T) {
	timeline := newTimeline()
	for _, second := range []int64{-3, -2, -1, 0, 1, 2} {
		timeline.at(time.Unix(second, 5e8)).done++
	}
	timeline.merge()
	var got []string
	for _, index := range timeline.indexes() {
		got = append(got, fmt.Sprintf("%d:%d", index, timeline.bins[index].done))
	}
	if want := "-2:1 -1:2 0:2 1:1"; strings.Join(got, " ") != want {
		t.Errorf("bins %v, want %s", got, want)
	}
}

// TestAbsorb: two timelines of different widths come to one.
func TestAbsorb(t *testing.T) {
	fine, coarse := newTimeline(), newTimeline()
	for i := range 100 {
		fine.at(noon.Add(time.Duration(i)*time.Second)).done++
	}
	for i := range 2000 {
		coarse.at(noon.Add(time.Duration(i)*time.Second)).samples++
	}
	fine.absorb(coarse)
	done, samples := 0, 0
	for _, b := range fine.bins {
		done += b.done
		samples += b.samples
	}
	if done != 100 || samples != 2000 || fine.width != 4000 || len(fine.bins) > maxBins {
		t.Errorf("%d done, %d samples, %d bins of %d", done, samples, len(fine.bins), fine.width)
	}
}

// TestMemoryIsBounded: what is kept of a report does not grow with it, whatever
// is in it.
func TestMemoryIsBounded(t *testing.T) {
	kept := func(rows int) uint64 {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		f := newFindings(true)
		if err := f.read(t.Context(), &endlessReport{rows: rows}); err != nil {
			t.Fatal(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if f.rows != rows || len(f.groups) > 10 || len(f.rowsShown) != maxRows || len(f.calls.slowest) != maxSlowest {
			t.Errorf("%d of %d rows: %d groups, %d rows and %d calls are kept", f.rows, rows, len(f.groups), len(f.rowsShown), len(f.calls.slowest))
		}
		runtime.KeepAlive(f)
		return after.HeapAlloc - min(before.HeapAlloc, after.HeapAlloc)
	}
	const most = 24 << 20
	if got := kept(10_000); got > most {
		t.Errorf("%d bytes are kept, want at most %d", got, most)
	}
}

// endlessReport is a report of rows that all differ, and that fail for days.
type endlessReport struct {
	rows, made int
	rest       string
}

func (e *endlessReport) Read(p []byte) (int, error) {
	if e.rest == "" {
		switch {
		case e.made == 0:
			e.rest = reportHeader
		case e.made <= e.rows:
			e.rest = fmt.Sprintf("%d,user%d@example.com,failed,Code%dException,%s,1,0,request-%d,%s,%d,STATUS_%d,%s\n", e.made+1, e.made, e.made,
				strings.Repeat("message ", 100), e.made, noon.Add(time.Duration(e.made)*13*time.Second).Format("2006-01-02T15:04:05.000Z"), e.made, e.made, examplePool)
		default:
			return 0, io.EOF
		}
		e.made++
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}
