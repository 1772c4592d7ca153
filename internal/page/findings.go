package page

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"cognito-confirm/internal/codes"
	"cognito-confirm/internal/cognito"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

const (
	// maxRows is how many rows that did not succeed are listed.
	maxRows = 1000
	// maxPools is how many user pools are named; a report has one.
	maxPools = 3
)

// findings are what a report has in it, in bounded memory.
type findings struct {
	usernames bool // are to be shown

	statuses map[worker.Status]int
	rows     int
	damaged  int // lines that cannot be read
	// attempts and throttled count calls, retried the rows that took more than
	// one call for another reason than a throttle.
	attempts, throttled, retried int
	pools                        []string

	groups    groups
	rowsShown []row // the first that did not succeed
	calls     calls
	timeline  *timeline
	// first and last are when the first call was made and the last row was done.
	first, last time.Time
}

// row is a row that did not succeed, as the page lists it.
type row struct {
	Line                                        int
	Username                                    string // "" unless it is to be shown
	Class, Code, UserStatus, Message, RequestID string
}

func newFindings(usernames bool) *findings {
	return &findings{
		usernames: usernames,
		statuses:  make(map[worker.Status]int),
		groups:    make(groups),
		calls:     calls{histogram: newHistogram(3)},
		timeline:  newTimeline(),
	}
}

// checkEvery is after how many rows the context is asked: that takes a lock.
const checkEvery = 4096

// read reads the whole report.
func (f *findings) read(ctx context.Context, r io.Reader) error {
	for line, err := range report.Scan(r) {
		if _, isDamaged := errors.AsType[*report.DamagedError](err); isDamaged {
			f.damaged++
			continue
		}
		if err != nil {
			return err
		}
		f.add(&line)
		if f.rows%checkEvery == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return context.Cause(ctx)
}

// add takes in one line.
func (f *findings) add(l *report.Line) {
	f.rows++
	f.statuses[l.Status]++
	f.attempts += l.Attempts
	f.throttled += l.Throttled
	if l.Attempts-l.Throttled > 1 {
		f.retried++
	}
	if l.UserPoolID != "" && len(f.pools) < maxPools && !slices.Contains(f.pools, l.UserPoolID) {
		f.pools = append(f.pools, strings.Clone(l.UserPoolID))
	}
	f.addTime(l)
	if !l.Status.Succeeded() {
		f.addFailure(l)
	}
}

// addTime takes in when the row was done, and how long its call took if it took one.
func (f *findings) addTime(l *report.Line) {
	if l.StartedAt.IsZero() {
		return // never sent, or a spreadsheet has rewritten the time
	}
	took := max(time.Duration(l.Duration), 0)
	done := l.StartedAt.Add(took)
	if f.first.IsZero() || l.StartedAt.Before(f.first) {
		f.first = l.StartedAt.Time
	}
	if done.After(f.last) {
		f.last = done
	}
	b := f.timeline.at(done)
	b.done++
	b.throttled += l.Throttled
	switch l.Status {
	case worker.StatusFailed, worker.StatusNotVerified:
		b.failed++
	case worker.StatusTriggerFailed:
		b.triggerFailed++
	}
	// Longer rows have waited between their calls.
	if l.Attempts == 1 {
		b.addCall(took)
		f.calls.add(l, took)
	}
}

// addFailure takes in a row that did not succeed.
func (f *findings) addFailure(l *report.Line) {
	begun := f.groups.add(l)
	if begun == nil && len(f.rowsShown) >= maxRows {
		return
	}
	shown := f.show(l)
	if begun != nil {
		begun.Code, begun.UserStatus, begun.Message = shown.Code, shown.UserStatus, shown.Message
	}
	if len(f.rowsShown) < maxRows {
		f.rowsShown = append(f.rowsShown, shown)
	}
}

// show returns a row as the page may show it. It keeps nothing of the line
// itself alive.
func (f *findings) show(l *report.Line) row {
	kind := report.KindOf(*l)
	shown := row{
		Line: l.Line, Class: class(l.Status), Code: cmp.Or(clean(kind.Code), spaced(string(l.Status))), UserStatus: clean(kind.UserStatus),
		Username: clean(l.Username), Message: clean(cognito.WithoutAdvice(l.Message, l.UserStatus)), RequestID: clean(l.RequestID),
	}
	if f.usernames {
		return shown
	}
	shown.Message, shown.RequestID = withoutUsername(shown.Message, shown.Username), requestIDWithoutUsername(shown.RequestID, shown.Username)
	// What may not be shown as a code or a status is in the message.
	if kind.Code == codes.Unknown || kind.UserStatus == "" && cognito.NamesStatus(l.Message) {
		shown.Message = leftOut
	}
	shown.Username = ""
	return shown
}
