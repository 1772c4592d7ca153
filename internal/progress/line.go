package progress

import (
	"log/slog"
	"math"

	"cognito-confirm/internal/words"
)

// Line returns the run as one line for a log, of at most width characters. It
// begins with the time of the day.
func (v View) Line(width int) string {
	parts := []part{said(0, "", v.Now.Format("15:04:05"))}
	if v.knowsTotal() {
		parts = append(parts,
			said(0, " ", words.Percent(v.Done, v.Total)),
			said(2, ", ", words.Group(v.Done)+" of "+words.Group(v.Total)))
	} else {
		parts = append(parts, said(2, " ", v.rows()), said(7, ", ", v.whyNoTotal()...))
	}
	switch {
	case v.Ending:
		parts = append(parts, said(1, ", ", "waiting for "+words.Count(v.InFlight, "call")+" in flight"))
	case v.isDown():
		parts = append(parts,
			said(1, ", ", "nothing gets through for "+words.Duration(v.down())),
			said(3, ", ", v.stops()))
	default:
		parts = append(parts, said(1, ", ", v.left()), said(3, ", ", v.shortSpeed()), said(5, ", ", v.reason()...), said(4, ", ", lastFailure(v.Failures, v.LastCode)...))
	}
	return fit(width, append(parts, said(4, ", ", words.Group(v.Unsuccessful)+" not successful"), said(6, ", ", throttled(v.Pace.Throttled)))...)
}

// rows tells how many rows are done, of a total that is not known.
func (v View) rows() string { return words.Count(v.Done, "row") }

// throttled tells how many calls were, if any.
func throttled(calls int64) string {
	if calls == 0 {
		return ""
	}
	return words.Group(calls) + " throttled"
}

// left tells how long the rest takes, "" where there is no such thing.
func (v View) left() string {
	switch {
	case !v.knowsTotal() || v.Ending:
		return ""
	case v.Left < 0 || v.isDown():
		return "-- left"
	}
	return words.Duration(v.Left) + " left"
}

// Fields returns the run as keys and values for a log that a program reads. A
// total or quota that is not known is left out.
func (v View) Fields() []slog.Attr {
	fields := []slog.Attr{
		slog.Int("rows", v.Done),
		slog.Int64("answered", v.Pace.Answered),
		slog.Int64("throttled", v.Pace.Throttled),
		slog.Float64("rate", tenths(v.Pace.Rate)),
		slog.Float64("ceiling", tenths(v.Pace.Ceiling)),
		slog.String("reason", v.Pace.Reason.String()),
		slog.Int("in_flight", v.InFlight),
	}
	if v.knowsTotal() {
		fields = append(fields, slog.Int("total", v.Total))
	}
	if v.Quota > 0 {
		fields = append(fields, slog.Float64("quota", v.Quota))
	}
	return fields
}

func tenths(rate float64) float64 { return math.Round(rate*10) / 10 }
