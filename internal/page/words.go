package page

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cognito-confirm/internal/words"
)

// share writes a part of a whole in per cent.
func share(part, whole int) string {
	percent := 100 * float64(part) / float64(whole)
	switch {
	case part == 0:
		return "0 %"
	case percent < 0.01:
		return "under 0.01 %"
	case percent > 99.99 && part < whole:
		return "over 99.99 %"
	}
	return strconv.FormatFloat(percent, 'g', max(3, len(strconv.Itoa(int(percent)))), 64) + " %"
}

// roughly writes how long something took, in one unit.
func roughly(d time.Duration) string {
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}} {
		if n := d.Round(unit.length) / unit.length; n > 1 {
			return fmt.Sprintf("%d %s", n, unit.name)
		}
	}
	return fmt.Sprintf("%d s", d.Round(time.Second)/time.Second)
}

// callText writes how long a call took.
func callText(d time.Duration) string {
	switch {
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	}
	return words.Duration(d)
}

// The formats of moments, all of which are UTC.
const (
	minuteFormat = "2 Jan 2006 15:04"
	milliFormat  = "2006-01-02 15:04:05.000"
	secondFormat = "2006-01-02 15:04:05"
)

// period writes from when to when something was, to the minute.
func period(from, to time.Time) string {
	from, to = from.UTC(), to.UTC()
	start, end := from.Format(minuteFormat), to.Format(minuteFormat)
	switch {
	case start == end:
		return start + " UTC"
	case from.Format(time.DateOnly) == to.Format(time.DateOnly):
		end = to.Format("15:04")
	}
	return start + " to " + end + " UTC"
}

// sentence makes a sentence of a text that is none.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:] + "."
}

// spaced writes a status of the report as words.
func spaced(status string) string { return strings.ReplaceAll(status, "_", " ") }
