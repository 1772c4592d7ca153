package progress

import (
	"log/slog"
	"strings"
	"time"

	"cognito-confirm/internal/words"
)

// Listing is a walk through the users of a pool, at one moment. It is never changed.
type Listing struct {
	// What is done, as in "listing users".
	What string
	// Now is the moment, Began when the walk did.
	Now, Began time.Time
	// Users were seen on that many Pages, of a Total of users that is 0 when it is
	// not known. The pool's own count may be hours old.
	Users, Pages, Total int
	// Throttled counts the calls that the quota refused, Failures those that have
	// failed in a row, the last with LastCode.
	Throttled int64
	Failures  int
	LastCode  string
}

// Lines returns the walk as one line for a terminal of width columns.
func (l Listing) Lines(width int) []string { return l.step().lines(width) }

// Line returns the walk as one line for a log, of at most width characters. It
// begins with the time of the day.
func (l Listing) Line(width int) string { return l.step().line(width, l.Now) }

func (l Listing) step() step[int] {
	s := step[int]{what: l.What, done: l.Users, total: l.Total}
	s.parts = func(separator string) []part {
		return []part{
			said(2, separator, l.users()...),
			said(4, separator, l.speed()),
			said(3, separator, s.left(l.Now.Sub(l.Began), tellTime)),
			said(1, separator, lastFailure(l.Failures, l.LastCode)...),
			said(5, separator, throttled(l.Throttled)),
		}
	}
	return s
}

// Fields returns the walk as keys and values for a log that a program reads. A
// total that is not known is left out.
func (l Listing) Fields() []slog.Attr {
	fields := []slog.Attr{
		slog.String("step", l.What),
		slog.Int("users", l.Users),
		slog.Int("pages", l.Pages),
		slog.Int64("throttled", l.Throttled),
	}
	if l.Total > 0 {
		fields = append(fields, slog.Int("total", l.Total))
	}
	return fields
}

func (l Listing) users() []string {
	users := words.Count(l.Users, "user")
	if l.Total > 0 {
		return []string{words.Group(l.Users) + " of about " + words.Count(l.Total, "user"), users}
	}
	return []string{users}
}

// speed is the pages a second since the walk began.
func (l Listing) speed() string {
	ran := l.Now.Sub(l.Began)
	if ran < time.Second || l.Pages == 0 {
		return ""
	}
	return strings.TrimSuffix(words.PerSecond(float64(l.Pages)/ran.Seconds()), "/s") + " pages/s"
}
