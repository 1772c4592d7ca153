package main

import (
	"errors"
	"fmt"
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

// paceFlag says how much of the quota to take.
type paceFlag string

const (
	polite    paceFlag = "polite"
	dedicated paceFlag = "dedicated"
)

func (p paceFlag) pace() ratelimit.Pace {
	if p == dedicated {
		return ratelimit.Dedicated
	}
	return ratelimit.Polite
}

// paceWords says how fast a run may go and why.
func paceWords(pace ratelimit.State) string {
	if pace.Ceiling == 0 {
		return fmt.Sprintf("rate %.1f/s, %s", pace.Rate, pace.Reason)
	}
	return fmt.Sprintf("rate %.1f/s of %.1f/s found, %s", pace.Rate, pace.Ceiling, pace.Reason)
}
