package page

import (
	"fmt"
	"time"

	"cognito-confirm/internal/words"
)

const (
	// maxDrawn is how many bins a chart shows at most: a narrow screen has no
	// more pixels.
	maxDrawn = 360

	highChart, lowChart = 190, 56
)

// drawing is what all charts of a page have in common.
type drawing struct {
	axis    *axis
	bins    *timeline // as wide as they are drawn
	bands   []band
	legend  []key // of the bands
	history *history
}

// newDrawing returns one for a timeline with something on it.
func newDrawing(t *timeline, h *history) *drawing {
	d := &drawing{axis: newAxis(t), history: h}
	d.bins = t.coarser(d.axis.binWidth(t.width, maxDrawn))
	d.addBands()
	return d
}

// addBands draws outages and the times in which no run was going on.
func (d *drawing) addBands() {
	pauses := d.history.pauses()
	for _, p := range d.axis.parts {
		if p.isCut && len(pauses) == 0 {
			d.bands = append(d.bands, d.band("idle", d.axis.x(p.from), d.axis.x(p.to)))
		}
	}
	if len(d.bands) > 0 {
		d.legend = append(d.legend, key{Class: "idle", Text: "nothing done, cut short"})
	}
	for _, kind := range []struct {
		spans       []span
		class, text string
	}{{d.history.outages, "outage", "outage"}, {pauses, "idle", "not running"}} {
		for _, s := range kind.spans {
			d.bands = append(d.bands, d.band(kind.class, d.axis.at(s.from), d.axis.at(s.to)))
		}
		if len(kind.spans) > 0 {
			d.legend = append(d.legend, key{Class: kind.class, Text: kind.text})
		}
	}
}

// band returns a band that can be seen however short it was.
func (d *drawing) band(class string, from, to float64) band {
	return band{Class: class, X: coordinate(from), Width: coordinate(max(to-from, 1))}
}

// charts returns the charts of the pace, the last of which has the labels of time.
func (d *drawing) charts() []chart {
	charts := []chart{d.done()}
	for _, c := range []chart{
		d.barChart("Throttled calls a second", "Throttled calls a second",
			bars{class: "throttled", count: func(b *bin) int { return b.throttled }}),
		d.barChart("Rows that did not succeed a second", "Rows that failed, or whose trigger failed, a second",
			bars{class: "failed", text: "failed", count: func(b *bin) int { return b.failed }},
			bars{class: "trigger-failed", text: "trigger failed", count: func(b *bin) int { return b.triggerFailed }}),
	} {
		if len(c.Shapes) > 0 {
			charts = append(charts, c)
		}
	}
	charts[len(charts)-1].Times = d.axis.marks()
	return charts
}

// rate is how many a second a number in a bin is.
func (d *drawing) rate(count int) float64 {
	return float64(count) * 1000 / float64(d.bins.width)
}

// done draws the rows done a second, and the ceiling.
func (d *drawing) done() chart {
	c := chart{Title: "Rows done a second", Height: highChart, Bands: d.bands, Cuts: d.cuts()}
	var most float64
	for _, b := range d.bins.bins {
		most = max(most, d.rate(b.done))
		if b.samples > 0 {
			most = max(most, b.ceilings/float64(b.samples))
		}
	}
	s := scale{niceTop(most), c.Height}
	c.values(s)
	var line, area path
	for _, p := range d.axis.parts {
		if p.isCut {
			continue
		}
		area.to(d.axis.x(p.from), s.y(0), true)
		begins := true
		var y float64
		d.each(p, func(index int64, b *bin) {
			y = s.y(d.rate(b.done))
			x := d.center(p, index)
			if begins {
				x = d.axis.x(p.from)
			}
			line.to(x, y, begins)
			area.to(x, y, false)
			begins = false
		})
		line.to(d.axis.x(p.to), y, false)
		area.to(d.axis.x(p.to), y, false)
		area.to(d.axis.x(p.to), s.y(0), false)
	}
	c.draw("area done", &area)
	c.draw("line done", &line)
	c.Legend = []key{{Class: "done", Text: "done", IsLine: true}}
	if ceiling := d.ceiling(s); ceiling.text.Len() > 0 {
		c.draw("line ceiling", ceiling)
		c.Legend = append(c.Legend, key{Class: "ceiling", Text: "ceiling found", IsLine: true})
	}
	c.Legend = append(c.Legend, d.legend...)
	c.Description = d.description("Rows done a second", d.most(func(b *bin) int { return b.done }))
	return c
}

// each calls draw for each bin of a part, empty ones too.
func (d *drawing) each(p part, draw func(index int64, b *bin)) {
	for index := d.bins.index(p.from); index <= d.bins.index(p.to-1); index++ {
		b := d.bins.bins[index]
		if b == nil {
			b = &bin{}
		}
		draw(index, b)
	}
}

// center is the place of a bin of a part.
func (d *drawing) center(p part, index int64) float64 {
	return d.axis.x(min(max(index*d.bins.width+d.bins.width/2, p.from), p.to))
}

// ceiling draws the ceiling from sample to sample, but not across a band.
func (d *drawing) ceiling(s scale) *path {
	var p path
	var before time.Time
	for _, index := range d.bins.indexes() {
		b := d.bins.bins[index]
		if b.samples == 0 {
			continue
		}
		middle := index*d.bins.width + d.bins.width/2
		at := time.UnixMilli(middle)
		p.to(d.axis.x(middle), s.y(b.ceilings/float64(b.samples)), before.IsZero() || d.isBroken(span{before, at}))
		before = at
	}
	return &p
}

// isBroken reports whether an outage or a pause lies in a stretch of time.
func (d *drawing) isBroken(s span) bool {
	for _, spans := range [][]span{d.history.outages, d.history.pauses()} {
		for _, other := range spans {
			if other.from.Before(s.to) && other.to.After(s.from) {
				return true
			}
		}
	}
	return false
}

// bars are those of one class; those of the next stand on top of them.
type bars struct {
	class, text string
	count       func(*bin) int
}

// barChart draws bars over time. what they are is for the description.
func (d *drawing) barChart(title, what string, all ...bars) chart {
	most := d.most(func(b *bin) (sum int) {
		for _, one := range all {
			sum += one.count(b)
		}
		return sum
	})
	c := chart{Title: title, Height: lowChart, Bands: d.bands, Description: d.description(what, most)}
	s := scale{niceTop(most), c.Height}
	c.values(s)
	paths := make([]path, len(all))
	for _, p := range d.axis.parts {
		if p.isCut {
			continue
		}
		d.each(p, func(index int64, b *bin) {
			from, to := d.axis.x(max(index*d.bins.width, p.from)), d.axis.x(min((index+1)*d.bins.width, p.to))
			sum := 0
			for i, one := range all {
				if count := one.count(b); count > 0 {
					const gap = 0.15 // between two bars, of the width of one
					paths[i].bar(from, max(to-gap*(to-from), from+0.8), s.y(d.rate(sum+count)), s.y(d.rate(sum)))
					sum += count
				}
			}
		})
	}
	for i, one := range all {
		c.draw("bars "+one.class, &paths[i])
		if one.text != "" && paths[i].text.Len() > 0 {
			c.Legend = append(c.Legend, key{Class: one.class, Text: one.text})
		}
	}
	return c
}

// most is the highest rate of what is counted.
func (d *drawing) most(count func(*bin) int) float64 {
	most := 0
	for _, b := range d.bins.bins {
		most = max(most, count(b))
	}
	return d.rate(most)
}

// description tells what a chart shows, and the highest value of it.
func (d *drawing) description(what string, most float64) string {
	return fmt.Sprintf("%s over time, at most %s in %s.", what, number(most), words.Duration(time.Duration(d.bins.width)*time.Millisecond))
}

// cuts tells how long the stretches were that the axis cuts short.
func (d *drawing) cuts() []mark {
	var marks []mark
	for _, p := range d.axis.parts {
		if p.isCut {
			at := (d.axis.x(p.from) + d.axis.x(p.to)) / 2 * 100 / chartWidth
			marks = append(marks, mark{At: rounded(at), Text: roughly(time.Duration(p.length()) * time.Millisecond)})
		}
	}
	return marks
}
