package main

import (
	"errors"
	"math"
	"strconv"

	"github.com/alecthomas/kong"

	"cognito-confirm/ratelimit"
)

// rateFlag is a cap in attempts a second, or 0 for "auto": find the quota.
type rateFlag float64

// Decode reads the flag for kong.
func (r *rateFlag) Decode(ctx *kong.DecodeContext) error {
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
	*r = rateFlag(rate)
	return nil
}

// paceFlag tells how much of the quota to take: polite or dedicated.
type paceFlag string

func (p paceFlag) pace() ratelimit.Pace {
	if p == "dedicated" {
		return ratelimit.Dedicated
	}
	return ratelimit.Polite
}
