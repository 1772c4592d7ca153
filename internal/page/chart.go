package page

import (
	"strings"
)

// chart is a chart over the time axis, ready to be drawn. Lengths are in units
// of the chart: chartWidth wide, stretched to the page, and Height pixels high.
type chart struct {
	Title string
	// Description is what the chart shows, for those who cannot see it.
	Description string
	Height      float64
	Legend      []key
	Grid        []float64
	Values      []mark
	Bands       []band
	Shapes      []shape
	Times       []mark
	// Cuts tell how long the stretches were that the axis cuts short.
	Cuts []mark
}

// key is an entry of a legend: a class of shapes, and what it is.
type key struct {
	Class, Text string
	IsLine      bool
}

// band is a stretch of time in the background.
type band struct {
	Class    string
	X, Width string
}

// shape is a line, an area or bars, of a class that tells what they are of.
type shape struct {
	Class, Path string
}

// Width is the width of the chart, for the template.
func (chart) Width() float64 { return chartWidth }

// scale turns values into places, 0 at the bottom of a chart.
type scale struct{ top, height float64 }

func (s scale) y(value float64) float64 { return s.height * (1 - value/s.top) }

// values labels the axis of values with 0, the middle and the top, or without
// the middle where there is no room for it.
func (c *chart) values(s scale) {
	labels := []float64{0, s.top / 2, s.top}
	if c.Height < 100 {
		labels = []float64{0, s.top}
	}
	for _, value := range labels {
		c.label(s.y(value), number(value))
	}
}

// label labels a line across the chart.
func (c *chart) label(y float64, text string) {
	c.Grid = append(c.Grid, rounded(y))
	c.Values = append(c.Values, mark{At: rounded(y), Text: text})
}

// path is the outline of a shape.
type path struct{ text strings.Builder }

// to goes to a point, without a line when it begins there.
func (p *path) to(x, y float64, begins bool) {
	command := "L"
	if begins {
		command = "M"
	}
	p.text.WriteString(command + point(x, y))
}

// bar adds a rectangle.
func (p *path) bar(from, to, y, bottom float64) {
	p.text.WriteString("M" + point(from, bottom) + "V" + coordinate(y) + "H" + coordinate(to) + "V" + coordinate(bottom) + "Z")
}

// draw adds the shape of a path, if there is anything in it.
func (c *chart) draw(class string, p *path) {
	if p.text.Len() > 0 {
		c.Shapes = append(c.Shapes, shape{class, p.text.String()})
	}
}
