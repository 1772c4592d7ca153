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

// Lines returns the walk as one line for a terminal of so many columns.
func (l Listing) Lines(width int) []string {
	parts := []part{
		said(0, "", l.What),
		said(1, beside, words.Percent(l.Users, l.Total)),
		said(2, beside, l.users()...),
		said(4, beside, l.speed()),
		said(3, beside, l.left()),
		said(1, beside, l.failure()...),
		said(5, beside, l.throttled()),
	}
	if l.Total <= 0 {
		return []string{fit(width, parts...)}
	}
	return []string{withBar(width, l.Users, l.Total, parts...)}
}

// Line returns the walk as one line for a log, of at most width characters. It
// begins with the time of the day.
func (l Listing) Line(width int) string {
	return fit(width,
		said(0, "", l.Now.Format("15:04:05")),
		said(0, " ", l.What),
		said(1, ": ", words.Percent(l.Users, l.Total)),
		said(2, ", ", l.users()...),
		said(4, ", ", l.speed()),
		said(3, ", ", l.left()),
		said(1, ", ", l.failure()...),
		said(5, ", ", l.throttled()))
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
	if l.Total > 0 {
		return []string{words.Group(l.Users) + " of about " + words.Count(l.Total, "user"), words.Count(l.Users, "user")}
	}
	return []string{words.Count(l.Users, "user")}
}

// speed is the pages a second since the walk began.
func (l Listing) speed() string {
	ran := l.Now.Sub(l.Began)
	if ran < time.Second || l.Pages == 0 {
		return ""
	}
	return strings.TrimSuffix(words.PerSecond(float64(l.Pages)/ran.Seconds()), "/s") + " pages/s"
}

// left tells how long the rest takes.
func (l Listing) left() string {
	ran := l.Now.Sub(l.Began)
	if ran < tellTime || l.Users <= 0 || l.Total < l.Users {
		return ""
	}
	return words.Duration(time.Duration(float64(ran)*float64(l.Total-l.Users)/float64(l.Users))) + " left"
}

func (l Listing) failure() []string {
	if l.Failures < 2 || l.LastCode == "" {
		return nil
	}
	code := readable(l.LastCode)
	return []string{"the last call ended with " + code, "last call: " + code}
}

func (l Listing) throttled() string {
	if l.Throttled == 0 {
		return ""
	}
	return words.Group(l.Throttled) + " throttled"
}
