package page

import (
	"math"
	"slices"
	"time"
)

// chartWidth is the width of every chart, in units of its own: it is stretched
// to that of the page.
const chartWidth = 1000

// axis is the one time axis of all charts: from a time to a place. Where nothing
// happened for far longer than things happened, as between the runs of two
// nights, it is cut short.
type axis struct {
	parts []part
	drawn float64 // milliseconds that the width stands for
}

// part is a stretch of the axis, in milliseconds since 1970.
type part struct {
	from, to int64
	isCut    bool    // nothing happened, and it is drawn shorter than it was
	start    float64 // where it begins, in drawn milliseconds
	drawn    float64
}

func (p part) length() int64 { return p.to - p.from }

// newAxis returns the axis for what is on a timeline, nil for an empty one.
func newAxis(t *timeline) *axis {
	indexes := t.indexes()
	if len(indexes) == 0 {
		return nil
	}
	a := &axis{parts: []part{{from: indexes[0] * t.width, to: (indexes[0] + 1) * t.width}}}
	cut := t.cutAfter(indexes)
	for _, index := range indexes[1:] {
		last := &a.parts[len(a.parts)-1]
		from, to := index*t.width, (index+1)*t.width
		if from-last.to < cut {
			last.to = to
			continue
		}
		a.parts = append(a.parts, part{from: last.to, to: from, isCut: true}, part{from: from, to: to})
	}
	a.draw()
	return a
}

// cutAfter returns how long nothing must have happened for the axis to be cut
// there. The gaps that take more than half of the time are cut when each is
// several times as long as those that are left, and something went on between
// them: rows that come one by one are not runs.
func (t *timeline) cutAfter(indexes []int64) int64 {
	const timesAsLong, binsBetween = 4, 3
	var gaps []int64
	for i, index := range indexes[1:] {
		gaps = append(gaps, (index-indexes[i]-1)*t.width)
	}
	slices.Sort(gaps)
	slices.Reverse(gaps)
	half := (indexes[len(indexes)-1] - indexes[0] + 1) * t.width / 2
	var sum int64
	for i, gap := range gaps {
		sum += gap
		next := t.width
		if i+1 < len(gaps) {
			next = max(next, gaps[i+1])
		}
		if len(indexes) < binsBetween*(i+2) {
			break
		}
		if sum >= half && gap >= timesAsLong*next {
			return gap
		}
	}
	return math.MaxInt64
}

// draw lays the parts out: those that are cut take a tenth of the rest, or less
// when there are many.
func (a *axis) draw() {
	var cuts float64
	for _, p := range a.parts {
		if p.isCut {
			cuts++
		}
	}
	cut := float64(a.whole()) * min(0.1, 0.3/max(cuts, 1))
	for i := range a.parts {
		p := &a.parts[i]
		p.start, p.drawn = a.drawn, float64(p.length())
		if p.isCut {
			p.drawn = min(p.drawn, cut)
		}
		a.drawn += p.drawn
	}
}

// x returns the place of a time, from 0 to chartWidth.
func (a *axis) x(milliseconds int64) float64 {
	drawn := a.drawn
	for _, p := range a.parts {
		if milliseconds < p.to {
			drawn = p.start + p.drawn*float64(max(milliseconds-p.from, 0))/float64(p.length())
			break
		}
	}
	return chartWidth * (drawn / a.drawn)
}

// at is x of a moment.
func (a *axis) at(moment time.Time) float64 { return a.x(moment.UnixMilli()) }

// binWidth returns how wide bins must be for charts of this many at most.
func (a *axis) binWidth(width int64, most int) int64 {
	for a.whole() > width*int64(most) {
		width *= 2
	}
	return width
}

// whole is how long the parts that are not cut are together, in milliseconds.
func (a *axis) whole() int64 {
	var sum int64
	for _, p := range a.parts {
		if !p.isCut {
			sum += p.length()
		}
	}
	return sum
}
