package page

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// grouped writes a number with commas between the thousands.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// counted writes a number and its noun, which has a plain s for more than one.
func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return grouped(n) + " " + noun
}

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

// spanText writes how long something took, in two units at most.
func spanText(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < 10*time.Second:
		return strconv.FormatFloat(d.Round(100*time.Millisecond).Seconds(), 'f', -1, 64) + " s"
	case d < time.Minute-time.Second/2:
		return strconv.FormatFloat(d.Round(time.Second).Seconds(), 'f', -1, 64) + " s"
	case d < time.Hour-time.Second/2:
		d = d.Round(time.Second)
		return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
	case d < day-time.Minute/2:
		d = d.Round(time.Minute)
		return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
	}
	d = d.Round(time.Hour)
	return fmt.Sprintf("%dd%02dh", d/day, d%day/time.Hour)
}

// callText writes how long a call took.
func callText(d time.Duration) string {
	switch {
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	}
	return spanText(d)
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
