package progress

import (
	"strings"
	"time"

	"cognito-confirm/internal/words"
)

// Intro is what is known of a run before its first call.
type Intro struct {
	// Rows is how many rows are left to be done, 0 when that is not known;
	// Counting means that it soon is. Done counts those that earlier runs did.
	Rows, Done int
	Counting   bool
	// Input and Report are the names of both.
	Input, Report string
	// UserPoolID and Region tell whose users they are, Credentials where those
	// come from with which the calls are signed.
	UserPoolID, Region, Credentials string
	Bounds
	// QuotaName is what the quota is called.
	QuotaName string
	// MarkVerified are the attributes that are marked as verified.
	MarkVerified []string
	// Limit is the most rows that are sent, 0 for all, and Until when no more are,
	// zero for never.
	Limit int
	Until time.Time
	// Now is when the run begins, Expires when the credentials cease to be
	// valid, zero for never or not known.
	Now, Expires time.Time
}

// Lines returns what is printed before the first call, in lines of at most width
// columns where the parts are short enough. A width of 0 is one line.
func (i Intro) Lines(width int) []string {
	parts := []string{i.rows(), i.pool()}
	if i.Quota > 0 {
		parts = append(parts, "quota of "+i.QuotaName+" in "+i.Region+": "+words.Count(int64(i.Quota), "call")+" a second")
	}
	parts = append(parts, i.pace())
	if len(i.MarkVerified) > 0 {
		parts = append(parts, i.marking())
	}
	if i.Limit > 0 {
		parts = append(parts, words.Count(i.Limit, "row")+" at most")
	}
	if !i.Until.IsZero() {
		parts = append(parts, "until "+i.Until.Format("15:04")+", for "+words.Duration(i.Until.Sub(i.Now)))
	}
	parts = append(parts, "the report grows in "+i.Report)
	if late := i.expiry(); late != "" {
		parts = append(parts, late)
	}
	return flow(width, parts)
}

func (i Intro) rows() string {
	text := words.Count(i.Rows, "row") + " of " + i.Input
	switch {
	case i.Counting:
		text = "counting the rows of " + i.Input
	case i.Rows == 0:
		text = "the rows of " + i.Input
	}
	if i.Done > 0 {
		text += ", " + words.Group(i.Done) + " done before"
	}
	return text
}

func (i Intro) pool() string {
	text := i.UserPoolID + " in " + i.Region
	if i.Credentials != "" {
		text += " with " + i.Credentials
	}
	return text
}

func (i Intro) pace() string {
	text := asFastAsAllowed
	if i.Cap > 0 && !i.isBoundByQuota() {
		text = i.atCap()
	}
	if took := i.atLeast(); took >= time.Second {
		text += ", in at least " + words.Duration(took)
	}
	return text
}

func (i Intro) marking() string {
	text := "marking " + strings.Join(i.MarkVerified, " and ") + " as verified"
	if i.VerifyCap > 0 {
		text += " at " + i.rateOf("--verify-rate", i.VerifyCap)
	}
	return text
}

// atLeast is how long the run takes at what bounds its rate, 0 when that is not known.
func (i Intro) atLeast() time.Duration {
	bound := i.Cap
	switch {
	case i.Cap == 0:
		bound = i.Quota
	case i.isBoundByQuota():
		bound = i.Quota / float64(max(1, i.Shards))
	}
	if len(i.MarkVerified) > 0 && i.VerifyCap > 0 && (bound == 0 || i.VerifyCap < bound) {
		bound = i.VerifyCap
	}
	if bound == 0 || i.Counting {
		return 0
	}
	rows := i.Rows
	if i.Limit > 0 {
		rows = min(rows, i.Limit)
	}
	return time.Duration(float64(rows) / bound * float64(time.Second))
}

// expiry warns of credentials that are not valid for as long as the run takes.
func (i Intro) expiry() string {
	if i.Expires.IsZero() {
		return ""
	}
	left := i.Expires.Sub(i.Now)
	switch took := i.atLeast(); {
	case left <= 0:
		return "the credentials have expired"
	case took > left:
		return "the credentials expire in " + words.Duration(left) + ", before the run can be over"
	case took == 0:
		return "the credentials expire in " + words.Duration(left)
	}
	return ""
}

// flow puts parts on lines of at most width columns. A part that is longer has a
// line of its own.
func flow(width int, parts []string) []string {
	const separator = "; "
	var lines []string
	for _, part := range parts {
		last := len(lines) - 1
		if last < 0 || width > 0 && columns(lines[last]+separator+part) > width {
			lines = append(lines, part)
			continue
		}
		lines[last] += separator + part
	}
	return lines
}
