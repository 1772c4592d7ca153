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
func (r *Rate) Decode(ctx *kong.DecodeContext) error {
	var value string
	if err := ctx.Scan.PopValueInto("rate", &value); err != nil {
		return err
	}
	if value == "auto" {
		*r = 0
		return nil
	}
	rate, err := strconv.ParseFloat(value, 64)
	if err != nil || !(rate > 0) || math.IsInf(rate, 0) {
		return errors.New("must be a number above 0, or auto")
	}
	*r = Rate(rate)
	return nil
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
