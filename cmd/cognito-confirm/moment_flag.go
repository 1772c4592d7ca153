package main

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"cognito-confirm/internal/flags"
)

// momentFlag is a moment: a date in UTC, a time, or how long ago it is. The zero
// value is none.
type momentFlag struct {
	time time.Time
	ago  time.Duration
}

// Decode reads the flag for kong.
func (m *momentFlag) Decode(ctx *kong.DecodeContext) error {
	return flags.Decode(ctx, "moment", m, parseMoment)
}

func parseMoment(text string) (momentFlag, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return momentFlag{time: at}, nil
		}
	}
	const day = 24 * time.Hour
	if days, isDays := strings.CutSuffix(text, "d"); isDays {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil && n > 0 {
			return momentFlag{ago: time.Duration(n) * day}, nil
		}
	} else if ago, err := time.ParseDuration(text); err == nil && ago > 0 {
		return momentFlag{ago: ago}, nil
	}
	return momentFlag{}, errors.New("must be a date as 2026-03-01, a time as 2026-03-01T12:00:00Z, or how long ago as 30d or 12h")
}

// at returns the moment, seen from now; the zero time for none.
func (m momentFlag) at(now time.Time) time.Time {
	if m.ago > 0 {
		return now.Add(-m.ago)
	}
	return m.time
}
