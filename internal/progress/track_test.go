package progress

import (
	"fmt"
	"testing"
	"time"
)

// run looks at a run that goes on at a steady rate, four times a second.
func (t *Track) run(from time.Time, seconds int, rows *int, perSecond int) (now time.Time) {
	const looks = 4
	for i := range seconds * looks {
		now = from.Add(time.Duration(i+1) * time.Second / looks)
		*rows += perSecond / looks
		t.Look(now, *rows, int64(*rows))
	}
	return now
}

// TestTrackOfASlowRun: where a row takes long anyhow, some time without one tells nothing.
func TestTrackOfASlowRun(t *testing.T) {
	var track Track
	rows, now := 0, noon
	for range 4 {
		now = track.run(now, 15, &rows, 0)
		rows++
	}
	if left := track.Left(1); left < 15*time.Second || left > 25*time.Second {
		t.Errorf("%v left for a row that takes 15 s", left)
	}
	track.run(now, 14, &rows, 0)
	if left := track.Left(1); left < 15*time.Second || left > 25*time.Second {
		t.Errorf("%v left for a row that takes 15 s, after 14 s", left)
	}
}

func TestTrack(t *testing.T) {
	var track Track
	if track.Left(1) >= 0 || track.Speed() != 0 || track.History() != nil {
		t.Errorf("before the first look: %v left, %g/s, %v", track.Left(1), track.Speed(), track.History())
	}
	rows := 1000 // an earlier run did them
	track.Look(noon, rows, 0)
	if got := track.Speed(); got != 0 {
		t.Errorf("at the first look: %g/s", got)
	}
	track = Track{}
	track.Look(noon, rows, int64(rows))
	now := track.run(noon, 4, &rows, 40)
	if !track.IsNew() {
		t.Error("after 4 s: not new")
	}
	now = track.run(now, 5, &rows, 40)
	if track.IsNew() {
		t.Error("after 9 s: new")
	}
	if left := track.Left(100); left >= 0 || track.Speed() != 40 {
		t.Errorf("after 9 s: %v left at %g/s", left, track.Speed())
	}
	now = track.run(now, 1, &rows, 40)
	if left := track.Left(100); left != 2500*time.Millisecond {
		t.Errorf("after 10 s: %v left", left)
	}
	if got := fmt.Sprint(track.History()); got != "[40 40 40]" {
		t.Errorf("history %s", got)
	}

	// The rate of the last minute counts, the speed of the last 5 s, and the time
	// left changes once a second.
	now = track.run(now, 30, &rows, 80)
	before := track.Left(100)
	if speed := track.Speed(); speed != 80 {
		t.Errorf("%g/s", speed)
	}
	track.Look(now.Add(999*time.Millisecond), rows+1000, int64(rows+1000))
	if left := track.Left(100); left != before || left.Round(time.Microsecond) != 1428571*time.Microsecond {
		t.Errorf("within the second: %v left, %v before", left, before)
	}
	now = track.run(now, 60, &rows, 20)
	if left := track.Left(100); left != 5*time.Second {
		t.Errorf("after a minute at 20/s: %v left", left)
	}
	if history := track.History(); len(history) != 20 || history[0] != 20 {
		t.Errorf("history of a minute: %v", history)
	}

	// No row is done for a while: nobody can tell how long the last ones take.
	now = track.run(now, 9, &rows, 0)
	if left := track.Left(100); left < 0 {
		t.Errorf("after 9 s without rows: %v left", left)
	}
	now = track.run(now, 1, &rows, 0)
	if left := track.Left(100); left >= 0 {
		t.Errorf("after 10 s without rows: %v left", left)
	}
	now = track.run(now, 61, &rows, 0)
	if left := track.Left(100); left >= 0 {
		t.Errorf("without rows: %v left", left)
	}

	// A program that was stopped begins once more.
	rows++
	track.Look(now.Add(time.Hour), rows, int64(rows))
	if track.Speed() != 0 || track.Left(1) >= 0 {
		t.Errorf("after an hour's sleep: %g/s, %v left", track.Speed(), track.Left(1))
	}
	track.run(now.Add(time.Hour), 10, &rows, 40)
	if left := track.Left(100); left.Round(time.Microsecond) != 2500*time.Millisecond {
		t.Errorf("10 s after it: %v left", left)
	}
	track.Restart()
	if left := track.Left(100); left >= 0 {
		t.Errorf("after Restart: %v left", left)
	}
}
