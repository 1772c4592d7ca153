package main

import (
	"errors"
	"time"

	"github.com/alecthomas/kong"

	"cognito-confirm/internal/flags"
)

// boundsFlags limit how much one run does.
type boundsFlags struct {
	Limit *int           `placeholder:"N" help:"Send at most N rows, then end with status 1: --resume does the rest. To see what a few confirmations do before the many."`
	For   *time.Duration `placeholder:"TIME" help:"Send no more rows after this time, as 2h, and end with status 1: --resume does the rest."`
	Until *clockFlag     `placeholder:"HH:MM" help:"The same, at the next time that this machine's clock shows this, as 06:00."`
}

// check refuses bounds that nothing is within.
func (b boundsFlags) check() error {
	if b.For != nil && *b.For <= 0 {
		return flags.Usage("--for must be above 0", "as 2h or 30m")
	}
	return checkLimit(b.Limit)
}

// checkLimit refuses the --limit of a command that would leave it nothing.
func checkLimit(limit *int) error {
	if limit != nil && *limit < 1 {
		return flags.Usage("--limit must be at least 1", "leave it out for all of them")
	}
	return nil
}

// most is how many a --limit allows, 0 for all.
func most(limit *int) int {
	if limit == nil {
		return 0
	}
	return *limit
}

// end is when a run that starts now has to end, zero for never.
func (b boundsFlags) end(now time.Time) time.Time {
	var end time.Time
	if b.For != nil {
		end = now.Add(*b.For)
	}
	if b.Until != nil {
		if until := b.Until.next(now); end.IsZero() || until.Before(end) {
			end = until
		}
	}
	return end
}

// clockFlag is a time of the day.
type clockFlag struct{ hour, minute int }

// Decode reads the flag for kong.
func (f *clockFlag) Decode(ctx *kong.DecodeContext) error {
	return flags.Decode(ctx, "time", f, func(text string) (clockFlag, error) {
		t, err := time.Parse("15:04", text)
		if err != nil {
			return clockFlag{}, errors.New("must be a time of the day, as 06:00")
		}
		return clockFlag{t.Hour(), t.Minute()}, nil
	})
}

// next is the first moment after now at which a clock in its time zone shows the
// time, or one within an hour of it on a day on which none does.
func (f clockFlag) next(now time.Time) time.Time {
	year, month, day := now.Date()
	at := func(day int, zone *time.Location) time.Time {
		return time.Date(year, month, day, f.hour, f.minute, 0, 0, zone).In(now.Location())
	}
	next := at(day+1, now.Location())
	if today := at(day, now.Location()); today.After(now) {
		next = today
	}
	// Clocks that are set back show a time twice, of which time.Date knows one.
	_, change := now.ZoneBounds()
	for _, moment := range []time.Time{now, change} {
		t := at(day, time.FixedZone(moment.Zone()))
		if t.After(now) && t.Before(next) && t.Hour() == f.hour && t.Minute() == f.minute {
			next = t
		}
	}
	return next
}
