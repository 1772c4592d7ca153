package main

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// momentFlag is a moment: a date in UTC, a time, or how long ago it is. The zero
// value is none.
type momentFlag struct {
	time time.Time
	ago  time.Duration
}

// Decode reads the flag for kong.
func (m *momentFlag) Decode(ctx *kong.DecodeContext) error {
	var value string
	if err := ctx.Scan.PopValueInto("moment", &value); err != nil {
		return err
	}
	*m = momentFlag{}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, value); err == nil {
			m.time = at
			return nil
		}
	}
	const day = 24 * time.Hour
	if days, isDays := strings.CutSuffix(value, "d"); isDays {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil && n > 0 {
			m.ago = time.Duration(n) * day
			return nil
		}
	} else if ago, err := time.ParseDuration(value); err == nil && ago > 0 {
		m.ago = ago
		return nil
	}
	return errors.New("must be a date as 2026-03-01, a time as 2026-03-01T12:00:00Z, or how long ago as 30d or 12h")
}

// at returns the moment, seen from now; the zero time for none.
func (m momentFlag) at(now time.Time) time.Time {
	if m.ago > 0 {
		return now.Add(-m.ago)
	}
	return m.time
}
