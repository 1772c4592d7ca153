package worker

const (
	// maxTriggerFailures is how many rows in a row may end with a failed
	// trigger. Each of them is a user whose welcome mail or database row is
	// missing, and another call would not run the trigger again.
	maxTriggerFailures = 10
	// The run also ends when the trigger failed for maxTriggerShare of the last
	// shareOf rows: a trigger that fails for every second row is as bad. One that
	// fails for one row in twenty reaches this by chance once in a hundred million
	// rows.
	maxTriggerShare = 20
	shareOf         = 100
)

// streak counts the rows that fail one after the other, and the failed triggers
// among the last shareOf rows.
type streak struct {
	most int // failed rows in a row; 0 means any number

	rows, triggers int    // in a row
	userStatus     string // of all of these rows, empty when they differ

	recent [shareOf]bool // a ring: the trigger failed
	next   int
	share  int // how many of recent are true
}

// finished counts a row and returns an error when too many have failed. An
// invalid row, which was never sent, does not count.
func (s *streak) finished(r Result) error {
	if r.Status == StatusInvalid {
		return nil
	}
	s.remember(r.Status == StatusTriggerFailed)
	switch r.Status {
	case StatusTriggerFailed:
		s.fail(r)
		s.triggers++
	case StatusFailed, StatusNotVerified:
		s.fail(r)
		s.triggers = 0
	default:
		s.rows, s.triggers = 0, 0
	}
	e := &StreakError{Rows: s.rows, Code: r.Code, UserStatus: s.userStatus}
	switch {
	case s.triggers >= maxTriggerFailures:
		e.Rows, e.Trigger = s.triggers, true
	case s.share >= maxTriggerShare && r.Status == StatusTriggerFailed:
		e.Rows, e.Trigger, e.Of = s.share, true, shareOf
	case s.most == 0 || s.rows < s.most:
		return nil
	}
	return e
}

func (s *streak) fail(r Result) {
	if s.rows == 0 {
		s.userStatus = r.UserStatus
	} else if s.userStatus != r.UserStatus {
		s.userStatus = ""
	}
	s.rows++
}

func (s *streak) remember(triggerFailed bool) {
	if s.recent[s.next] {
		s.share--
	}
	if s.recent[s.next] = triggerFailed; triggerFailed {
		s.share++
	}
	s.next = (s.next + 1) % shareOf
}
