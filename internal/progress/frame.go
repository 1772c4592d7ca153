package progress

import (
	"strings"

	"cognito-confirm/internal/words"
)

// between separates the parts of a line on a terminal.
const between = " · "

// Lines returns the run as lines for a terminal of width columns: what did not
// succeed, how fast it goes and why, and how far it is.
func (v View) Lines(width int) []string {
	return []string{v.resultLine(width), v.paceLine(width), v.barLine(width)}
}

// resultLine: how many rows did not succeed, and why.
func (v View) resultLine(width int) string {
	parts := []part{said(0, "", words.Group(v.Unsuccessful)+" not successful")}
	for i, c := range causes(v.Causes) {
		parts = append(parts, said(1+i, between, words.Group(c.rows)+" "+c.name))
	}
	return fit(width, parts...)
}

// paceLine: how fast it goes, and why no faster.
func (v View) paceLine(width int) string {
	switch {
	case v.Ending:
		return fit(width,
			said(0, "", "waiting for "+words.Count(v.InFlight, "call")+" in flight", "waiting for "+words.Count(v.InFlight, "call"), words.Count(v.InFlight, "call")+" in flight"),
			said(1, "; ", "another signal ends the run without the answers", "another signal ends it at once"))
	case v.isDown():
		return fit(width,
			said(0, "", "nothing gets through for "+words.Duration(v.down()), "nothing for "+words.Duration(v.down())),
			said(2, ", ", lastCall(v.LastCode)...),
			said(1, "; ", v.stops()))
	}
	return fit(width,
		said(0, "", v.speed()...),
		said(1, between, v.reason()...),
		said(1, between, lastFailure(v.Failures, v.LastCode)...),
		said(2, between, throttled(v.Pace.Throttled)),
		said(3, between, words.Group(v.InFlight)+" in flight"),
		said(4, between, sparklines(v.History)...))
}

const (
	// leastBar and mostBar are how many columns the bar takes.
	leastBar, mostBar = 4, 60
	// beside separates what stands on the line of the bar.
	beside = "  "
)

// barLine: how far it is, and how long it takes.
func (v View) barLine(width int) string {
	if !v.knowsTotal() {
		return fit(width, said(0, "", v.rows()), said(1, between, v.whyNoTotal()...))
	}
	return withBar(width, v.Done, v.Total,
		said(0, beside, words.Percent(v.Done, v.Total)),
		said(2, beside, words.Group(v.Done)+" of "+words.Group(v.Total)),
		said(1, beside, v.left()))
}

// whyNoTotal tells why there is no percentage.
func (v View) whyNoTotal() []string {
	if v.Counting {
		return []string{"counting: " + words.Group(v.Total) + " so far", "counting"}
	}
	return []string{"how many there are is not known", "total not known"}
}

// withBar puts a bar in front of the parts that fit, if there is room for one.
func withBar[N int | int64](width int, done, total N, parts ...part) string {
	line := fit(width, parts...)
	room := min(width-columns(line)-columns(beside), mostBar)
	if room < leastBar {
		return line
	}
	filled := int(float64(room) * float64(min(done, total)) / float64(total))
	return strings.Repeat("█", filled) + strings.Repeat("░", room-filled) + beside + line
}
