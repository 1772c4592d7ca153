package progress

import (
	"fmt"
	"math"

	"cognito-confirm/internal/words"
	"cognito-confirm/ratelimit"
)

// PaceInWords returns how fast the run of a view may be, and why no faster, in one
// phrase. Of the view, only the pace and what bounds it are looked at.
func PaceInWords(v View) string {
	v = View{Speed: v.Pace.Rate, Pace: v.Pace, Marking: v.Marking, Bounds: v.Bounds}
	reason := v.reason()
	if v.Pace.Reason == ratelimit.Limited && v.markingLimit() == nil { // which of them, only the calls in flight tell
		reason = []string{v.Pace.Reason.String()}
	}
	return fit(math.MaxInt, said(0, "", v.speed()...), said(0, ", ", reason...))
}

const asFastAsAllowed = "as fast as the quota allows"

// speed tells how fast it goes, and of how much, at length and in short.
func (v View) speed() []string {
	speed := words.PerSecond(v.Speed)
	forms := []string{speed}
	switch {
	case v.Pace.Ceiling > 0:
		of := speed + " of " + words.PerSecond(v.Pace.Ceiling)
		forms = []string{of + " found", of, speed}
	case v.Cap > 0 && !v.isBoundByQuota():
		forms = []string{speed + " " + v.atCap(), speed}
	}
	if v.Quota > 0 {
		forms = append([]string{forms[0] + ", quota " + words.Group(int64(v.Quota))}, forms...)
	}
	return forms
}

// shortSpeed leaves room for the reason.
func (v View) shortSpeed() string {
	v.Quota = 0
	if forms := v.speed(); len(forms) > 2 {
		return forms[1]
	}
	return v.speed()[0]
}

// reason tells why it goes no faster, at length and in short. It is nil where the
// speed has it.
func (v View) reason() []string {
	switch v.Pace.Reason {
	case ratelimit.Finding, ratelimit.Capped:
		limit := v.markingLimit()
		switch {
		case limit != nil && !v.IsNew && v.Speed < v.Marking.Rate/2 && !isFailing(v.Failures):
			return limit // every row is confirmed, and waits for its mark
		case v.isBoundByQuota() && v.Pace.Reason == ratelimit.Capped:
			return []string{asFastAsAllowed, "at the quota"}
		case v.isBoundByQuota():
			return []string{"finding what others leave of it", "finding"}
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
		if isFailing(v.Failures) {
			return []string{ratelimit.Failing.String(), "held back"}
		}
		if v.IsNew {
			return nil
		}
		if limit := v.markingLimit(); limit != nil {
			return limit
		}
		if v.InFlight*10 >= v.Concurrency*9 {
			limit := fmt.Sprintf("limited by --concurrency %d", v.Concurrency)
			return []string{limit + ": answers take long", limit, "slow answers"}
		}
		return []string{"limited by the input: rows come slowly", "limited by the input", "slow input"}
	}
	return []string{v.Pace.Reason.String()}
}

// markingLimit tells that rows wait to be marked as verified, nil where they do not.
func (v View) markingLimit() []string {
	switch {
	case v.Marking.Rate == 0 || v.Marking.Rate >= v.Pace.Rate:
		return nil
	case v.Marking.Reason == ratelimit.Capped:
		return []string{"limited by " + v.rateOf("--verify-rate", v.VerifyCap), "limited by marking"}
	}
	return []string{"limited by the quota for marking as verified", "limited by marking"}
}

// stops tells when an outage ends the run, if it does.
func (v View) stops() string {
	if v.StallTimeout <= 0 {
		return ""
	}
	return "stops in " + words.Duration(v.StallTimeout-v.down())
}
