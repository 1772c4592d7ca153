// Package words writes numbers and times for a person.
//
// The one idea in it: one quantity looks the same in every line, table and page.
package words

import (
	"fmt"
	"strconv"
	"time"
)

// Group writes a number with commas between the thousands.
func Group[N int | int64](n N) string {
	digits := strconv.FormatInt(int64(n), 10)
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(digits) - 3; i > first; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Count writes a number and its noun, which has a plain s for more than one.
func Count[N int | int64](n N, noun string) string {
	return Group(n) + " " + Either(n, noun, noun+"s")
}

// Either returns one for 1, and many for any other number.
func Either[N int | int64 | float64](n N, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Duration writes a time in its two largest units, as "5 s", "1m01s", "2h05m"
// or "3d04h". A negative one is none.
func Duration(d time.Duration) string {
	d = max(0, d.Round(time.Second))
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
	}
	// What is left of the smaller unit is rounded, too.
	d = d.Round(time.Minute)
	if d < 24*time.Hour {
		return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
	}
	d = d.Round(time.Hour)
	return fmt.Sprintf("%dd%02dh", d/(24*time.Hour), d%(24*time.Hour)/time.Hour)
}

// PerSecond writes a rate, with a decimal where it is small.
func PerSecond(rate float64) string {
	if rate < 9.95 && rate != float64(int64(rate)) {
		return strconv.FormatFloat(rate, 'f', 1, 64) + "/s"
	}
	return Group(int64(rate+0.5)) + "/s"
}

// Percent writes a part of a whole, rounded down: 100 % is all of it. A whole of
// 0 has no parts.
func Percent[N int | int64](part, whole N) string {
	if whole <= 0 {
		return ""
	}
	return strconv.Itoa(int(100*float64(min(part, whole))/float64(whole))) + " %"
}

// Bytes writes a size with the largest decimal unit that leaves a digit before the point.
func Bytes(n int64) string {
	units := []string{"kB", "MB", "GB", "TB"}
	if n < 1000 {
		return Count(n, "byte")
	}
	size, unit := float64(n)/1000, 0
	for size >= 999.95 && unit < len(units)-1 {
		size, unit = size/1000, unit+1
	}
	return strconv.FormatFloat(size, 'f', 1, 64) + " " + units[unit]
}
