package page

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"cognito-confirm/internal/words"
)

// mark is a label on an axis.
type mark struct {
	// At is where: in the units of the chart on the axis of values, in per cent
	// on that of time.
	At   float64
	Text string
	// Spare: there is no room for it on a narrow screen.
	Spare bool
}

// maxMarks is how many labels the axis of time has at most, the starts of its
// parts aside.
const maxMarks = 10

// steps are the distances that the labels of the time axis can have.
var steps = [...]time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// marks returns the labels of the time axis.
func (a *axis) marks() []mark {
	step := a.step()
	var marks []mark
	var day int // of the label before
	add := func(milliseconds int64, least float64) {
		moment := time.UnixMilli(milliseconds).UTC()
		text := momentText(moment, step, moment.YearDay() != day && len(a.parts) > 1)
		// About the width of the text, in per cent of a chart of 900 pixels.
		half := 0.4 * float64(len(text))
		at := a.x(milliseconds) * 100 / chartWidth
		if at < half || at > 100-half {
			return
		}
		if len(marks) > 0 && at-marks[len(marks)-1].At < max(least, 2.4*half) {
			return
		}
		marks = append(marks, mark{At: rounded(at), Text: text})
		day = moment.YearDay()
	}
	for _, p := range a.parts {
		if p.isCut {
			continue
		}
		if len(a.parts) > 1 {
			add(p.from, 0)
		}
		for at := p.from - mod(p.from, step.Milliseconds()) + step.Milliseconds(); at <= p.to; at += step.Milliseconds() {
			add(at, 7)
		}
	}
	spare(marks)
	return marks
}

// spare tells which labels a narrow screen has no room for: one of about a third
// of the width.
func spare(marks []mark) {
	shown := math.Inf(-1)
	for i := range marks {
		need := 2.4 * float64(len(marks[i].Text))
		marks[i].Spare = marks[i].At-shown < need || marks[i].At < need/2.4 || marks[i].At > 100-need/2.4
		if !marks[i].Spare {
			shown = marks[i].At
		}
	}
}

// step returns the distance of the labels.
func (a *axis) step() time.Duration {
	whole := time.Duration(a.whole()) * time.Millisecond
	for _, step := range steps {
		if whole/step <= maxMarks {
			return step
		}
	}
	day := steps[len(steps)-1]
	return day * (whole/(day*maxMarks) + 1)
}

func mod(a, b int64) int64 { return (a%b + b) % b }

func momentText(moment time.Time, step time.Duration, isNewDay bool) string {
	switch {
	case step >= steps[len(steps)-1]:
		return moment.Format("2 Jan")
	case isNewDay:
		return moment.Format("2 Jan 15:04")
	case step < time.Minute:
		return moment.Format("15:04:05")
	}
	return moment.Format("15:04")
}

// niceTop returns a round number from value up, for the top of an axis of values.
func niceTop(value float64) float64 {
	if value <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(value)))
	for _, times := range []float64{1, 1.5, 2, 3, 4, 6, 8} {
		if value <= times*unit {
			return times * unit
		}
	}
	return 10 * unit
}

// number writes a number without more digits than it needs.
func number(value float64) string {
	if value >= 10 {
		return words.Group(int(math.Round(value)))
	}
	return strconv.FormatFloat(value, 'g', 2, 64)
}

// logMarks returns the values to label on a logarithmic axis: three of them or
// more where there are as many.
func logMarks(low, high float64) []float64 {
	const enough = 3
	var marks []float64
	for _, times := range [][]float64{{1}, {1, 2, 5}, {1, 1.5, 2, 3, 5, 7}, {1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9}} {
		marks = marks[:0]
		for unit := math.Pow(10, math.Floor(math.Log10(low))); unit <= high; unit *= 10 {
			for _, times := range times {
				if value := times * unit; value >= low && value <= high {
					marks = append(marks, value)
				}
			}
		}
		if len(marks) >= enough {
			break
		}
	}
	return marks
}

// coordinate writes a place in a chart.
func coordinate(value float64) string {
	return strconv.FormatFloat(rounded(value), 'f', -1, 64)
}

func rounded(value float64) float64 { return math.Round(value*10) / 10 }

func point(x, y float64) string { return fmt.Sprintf("%s %s", coordinate(x), coordinate(y)) }
