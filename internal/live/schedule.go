package live

import "time"

const (
	// often is how far apart lines are at first: a person may be watching.
	often = 10 * time.Second
	// seldom is how far apart they are after firstTime: the log of a whole day
	// is read, too.
	seldom    = time.Minute
	firstTime = 10 * time.Minute
)

// schedule tells when the next line is due.
type schedule struct{ began, due time.Time }

// isDue reports whether a line is due, and plans the next one.
func (s *schedule) isDue(now time.Time) bool {
	if now.Before(s.due) {
		return false
	}
	for !s.due.After(now) { // lines that were missed are not made up for
		if s.due.Sub(s.began) < firstTime {
			s.due = s.due.Add(often)
		} else {
			s.due = s.due.Add(seldom)
		}
	}
	return true
}
