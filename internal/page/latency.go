package page

import (
	"fmt"
	"math"
	"time"
)

// percentiles are the lines of the chart of how long calls took.
var percentiles = [...]struct {
	class, text string
	percent     float64
}{{"p50", "p50", 50}, {"p95", "p95", 95}, {"p99", "p99", 99}}

const latencyChart = 170

// latency draws how long calls took over time. It has shapes only where a bin has
// enough calls.
func (d *drawing) latency(t *timeline) (c chart, binWidth time.Duration) {
	bins := t.coarser(d.bins.width)
	bins.mergeForPercentiles()
	c = chart{Title: "Time a call took", Height: latencyChart, Bands: d.bands, Times: d.axis.marks()}
	low, high := bins.bounds()
	if high == 0 {
		return c, 0
	}
	s := logScale{math.Log(low), math.Log(high), c.Height}
	for _, value := range logMarks(low, high) {
		c.label(s.y(value), callText(milliseconds(value)))
	}
	for _, one := range percentiles {
		var p path
		begins, isAlone := true, false
		for _, index := range bins.indexes() {
			b := bins.bins[index]
			if b.callCount() < minCalls {
				begins = true
				continue
			}
			if begins && isAlone {
				p.dot()
			}
			middle := index*bins.width + bins.width/2
			begins = begins || bins.bins[index-1] == nil
			p.to(d.axis.x(middle), s.y(float64(b.calls.ValueAtPercentile(one.percent))), begins)
			begins, isAlone = false, begins
		}
		if isAlone {
			p.dot()
		}
		c.draw("line "+one.class, &p)
		c.Legend = append(c.Legend, key{Class: one.class, Text: one.text, IsLine: true})
	}
	c.Legend = append(c.Legend, d.legend...)
	c.Description = fmt.Sprintf("How long calls took over time, on a logarithmic scale from %s to %s: the 50th, 95th and 99th percentile.",
		callText(milliseconds(low)), callText(milliseconds(high)))
	return c, time.Duration(bins.width) * time.Millisecond
}

func milliseconds(value float64) time.Duration {
	return time.Duration(value * float64(time.Millisecond))
}

// dot makes a point that no line leads from visible.
func (p *path) dot() { p.text.WriteString("h0.1") }

// mergeForPercentiles merges bins until nearly all calls are in bins of which
// percentiles mean something.
func (t *timeline) mergeForPercentiles() {
	const fewest = 12 // bins: a line of fewer tells nothing of the time
	for len(t.bins) >= 2*fewest {
		var all, few int64
		for _, b := range t.bins {
			all += b.callCount()
			if b.callCount() < minCalls {
				few += b.callCount()
			}
		}
		if few*20 <= all {
			return
		}
		t.merge()
	}
}

// bounds returns between which values, in milliseconds, the percentiles are,
// with some room. Both are 0 when there are none.
func (t *timeline) bounds() (low, high float64) {
	low = math.Inf(1)
	for _, b := range t.bins {
		if b.callCount() >= minCalls {
			low = min(low, float64(b.calls.ValueAtPercentile(percentiles[0].percent)))
			high = max(high, float64(b.calls.ValueAtPercentile(percentiles[len(percentiles)-1].percent)))
		}
	}
	if high == 0 {
		return 0, 0
	}
	return max(low, 1) / 1.3, max(high, 1) * 1.3
}

// logScale turns times into places, the shortest at the bottom.
type logScale struct{ low, high, height float64 }

func (s logScale) y(value float64) float64 {
	return s.height * (s.high - math.Log(max(value, 1))) / (s.high - s.low)
}
