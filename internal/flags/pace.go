package flags

import (
	"errors"
	"math"
	"strconv"

	"github.com/alecthomas/kong"

	"cognito-confirm/ratelimit"
)

// Rate is a cap in attempts a second, or 0 for "auto": find the quota.
type Rate float64

// Decode reads the flag for kong.
func (r *Rate) Decode(ctx *kong.DecodeContext) error { return Decode(ctx, "rate", r, parseRate) }

func parseRate(text string) (Rate, error) {
	if text == "auto" {
		return 0, nil
	}
	rate, err := strconv.ParseFloat(text, 64)
	if err != nil || !(rate > 0) || math.IsInf(rate, 0) {
		return 0, errors.New("must be a number above 0, or auto")
	}
	return Rate(rate), nil
}

// Pace tells how much of the quota to take: polite or dedicated.
type Pace string

// Pace returns the flag as one of the limiter.
func (p Pace) Pace() ratelimit.Pace {
	if p == "dedicated" {
		return ratelimit.Dedicated
	}
	return ratelimit.Polite
}
