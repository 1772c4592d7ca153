package progress

import (
	"time"

	"cognito-confirm/internal/words"
)

// step is what a command does before or without a run, with the parts that tell how
// far it is, each after a separator.
type step[N int | int64] struct {
	what        string
	done, total N // total is 0 when it is not known
	parts       func(separator string) []part
}

// lines returns the step as one line for a terminal of width columns.
func (s step[N]) lines(width int) []string {
	parts := append([]part{said(0, "", s.what), said(1, beside, words.Percent(s.done, s.total))}, s.parts(beside)...)
	if s.total <= 0 {
		return []string{fit(width, parts...)}
	}
	return []string{withBar(width, s.done, s.total, parts...)}
}

// line returns the step as one line for a log, of at most width characters.
func (s step[N]) line(width int, now time.Time) string {
	return fit(width, append([]part{
		said(0, "", now.Format("15:04:05")),
		said(0, " ", s.what),
		said(1, ": ", words.Percent(s.done, s.total)),
	}, s.parts(", ")...)...)
}

// left tells how long the rest takes, at the rate of the time that it ran. Before
// it has run for least, nobody can tell.
func (s step[N]) left(ran, least time.Duration) string {
	if ran < least || s.done <= 0 || s.total < s.done {
		return ""
	}
	return words.Duration(time.Duration(float64(ran)*float64(s.total-s.done)/float64(s.done))) + " left"
}
