package progress

import (
	"fmt"
	"math"
	"strconv"

	"cognito-confirm/internal/words"
	"cognito-confirm/ratelimit"
)

// PaceInWords returns how fast a run may be, and why no faster, in one phrase. limit
// is --rate, 0 for auto, or the part of it that is this run's where shards share
// it; shards is how many they are, 0 for none.
func PaceInWords(pace ratelimit.State, limit float64, shards int) string {
	v := View{Speed: pace.Rate, Pace: pace, Cap: limit, Shards: shards}
	reason := v.reason()
	if pace.Reason == ratelimit.Limited { // which of them, only the calls in flight tell
		reason = []string{pace.Reason.String()}
	}
	return fit(math.MaxInt, said(0, "", v.speed()...), said(0, ", ", reason...))
}

// speed tells how fast it goes, and of how much, at length and in short.
func (v View) speed() []string {
	speed := words.PerSecond(v.Speed)
	switch {
	case v.Pace.Ceiling > 0:
		of := speed + " of " + words.PerSecond(v.Pace.Ceiling)
		return []string{of + " found", of, speed}
	case v.Cap > 0:
		return []string{speed + " " + v.atCap(), speed}
	}
	return []string{speed}
}

func (v View) atCap() string { return atRate(v.Cap, v.Shards) }

// atRate names the rate as the command line has it, with a part of it as in
// "at --rate 40/4".
func atRate(limit float64, shards int) string {
	text := "at --rate " + strconv.FormatFloat(limit*float64(max(1, shards)), 'f', -1, 32)
	if shards > 1 {
		text += "/" + strconv.Itoa(shards)
	}
	return text
}

// reason tells why it goes no faster, at length and in short. It is nil where the
// speed has it.
func (v View) reason() []string {
	switch v.Pace.Reason {
	case ratelimit.Finding, ratelimit.Capped:
		switch {
		case v.Cap > 0 && v.Pace.Ceiling > 0:
			return []string{v.atCap()}
		case v.Cap > 0:
			return nil
		}
		return []string{"finding the quota", "finding"}
	case ratelimit.Cruising:
		return []string{"cruising below it", "cruising"}
	case ratelimit.Yielding:
		return []string{"yielding to other traffic", "yielding"}
	case ratelimit.Failing:
		return []string{v.Pace.Reason.String(), "held back"}
	case ratelimit.Limited:
		if v.isFailing() {
			return []string{ratelimit.Failing.String(), "held back"}
		}
		if v.InFlight*10 >= v.Concurrency*9 {
			limit := fmt.Sprintf("limited by --concurrency %d", v.Concurrency)
			return []string{limit + ": answers take long", limit, "slow answers"}
		}
		return []string{"limited by the input: rows come slowly", "limited by the input", "slow input"}
	}
	return []string{v.Pace.Reason.String()}
}

// stops tells when an outage ends the run, if it does.
func (v View) stops() string {
	if v.StallTimeout <= 0 {
		return ""
	}
	return "stops in " + words.Duration(v.StallTimeout-v.down())
}
