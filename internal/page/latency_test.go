package page

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// callsIn returns the rows of one second, each of which took one call of 100 ms.
func callsIn(second, calls int) (rows []string) {
	for i := range calls {
		rows = append(rows, fmt.Sprintf("%d,u,confirmed,,,1,0,r,%s,100,,", i+2, noon.Add(time.Duration(second)*time.Second).Format("2006-01-02T15:04:05.000Z")))
	}
	return rows
}

// latencyOf draws how long the calls of a report took.
func latencyOf(t *testing.T, rows []string) (*findings, *callsView) {
	t.Helper()
	f := newFindings(false)
	if err := f.read(t.Context(), lines(rows...).Report); err != nil {
		t.Fatal(err)
	}
	return f, f.callsView(newDrawing(f.timeline, &history{}))
}

// TestOneCall: a row of several calls has waited between them, so only a row of
// one tells how long a call takes.
func TestOneCall(t *testing.T) {
	rows := callsIn(0, 30)
	for attempts := range 4 {
		if attempts != 1 {
			rows = append(rows, fmt.Sprintf("9,u,confirmed,,,%d,0,r,2026-11-26T12:00:00.000Z,90000,,", attempts))
		}
	}
	f, v := latencyOf(t, rows)
	if f.calls.histogram.TotalCount() != 30 || len(f.calls.slowest) != maxSlowest || f.calls.slowest[0].took != 100*time.Millisecond {
		t.Errorf("%d calls, the slowest took %v", f.calls.histogram.TotalCount(), f.calls.slowest[0].took)
	}
	for _, value := range v.Values {
		if value.Text != "100 ms" {
			t.Errorf("%s is %s", value.Name, value.Text)
		}
	}
}

// TestFewCalls: of under 20 calls no percentile means anything.
func TestFewCalls(t *testing.T) {
	if _, v := latencyOf(t, callsIn(0, minCalls-1)); v != nil {
		t.Errorf("of %d calls: %v", minCalls-1, v.Values)
	}
	// Of three bins, that in the middle has too few: the line is broken there.
	rows := append(append(append(callsIn(0, 100), callsIn(1, 100)...), callsIn(2, minCalls-1)...), callsIn(3, 100)...)
	_, v := latencyOf(t, rows)
	if v == nil || v.Chart == nil || len(v.Chart.Shapes) != len(percentiles) {
		t.Fatalf("drawn: %+v", v)
	}
	for _, shape := range v.Chart.Shapes {
		if strings.Count(shape.Path, "M") != 2 || strings.Count(shape.Path, "L") != 1 || !strings.HasSuffix(shape.Path, "h0.1") {
			t.Errorf("%s is drawn as %s", shape.Class, shape.Path)
		}
	}
	// A slow run has them in wider bins.
	rows = nil
	for second := range 300 {
		rows = append(rows, callsIn(second, 3)...)
	}
	if _, v := latencyOf(t, rows); v.Chart == nil || !strings.Contains(v.Note, "a point is 8 s with at least 20 calls") {
		t.Errorf("a slow run: %+v", v)
	}
}

// TestSlowest: the slowest calls are listed in order, the earlier of two first.
func TestSlowest(t *testing.T) {
	var rows []string
	for i := range 100 {
		rows = append(rows, fmt.Sprintf("%d,u,confirmed,,,1,0,r,2026-11-26T12:00:00.000Z,%d,,", i+2, i*37%50))
	}
	f, _ := latencyOf(t, rows)
	if len(f.calls.slowest) != maxSlowest {
		t.Fatalf("%d calls", len(f.calls.slowest))
	}
	for i, call := range f.calls.slowest {
		if want := time.Duration(49-i/2) * time.Millisecond; call.took != want {
			t.Errorf("%d: %v, want %v", i, call.took, want)
		}
		if i%2 == 1 && i > 0 && call.Line != f.calls.slowest[i-1].Line+50 {
			t.Errorf("%d: line %d after line %d", i, call.Line, f.calls.slowest[i-1].Line)
		}
	}
}
