package progress

import (
	"log/slog"
	"time"

	"cognito-confirm/internal/words"
)

// Reading is a file that is being read, at one moment. It is never changed.
type Reading struct {
	// What is done, as in "reading the report".
	What string
	// Now is the moment, Began when the reading did.
	Now, Began time.Time
	// Read is how many bytes were read, Size how many there are, 0 when that is
	// not known.
	Read, Size int64
	// Rows is how many rows were found so far, 0 where they are not counted.
	Rows int
}

// Lines returns the reading as one line for a terminal of so many columns.
func (r Reading) Lines(width int) []string {
	parts := []part{
		said(0, "", r.What),
		said(1, beside, words.Percent(r.Read, r.Size)),
		said(4, beside, r.bytes()),
		said(3, beside, r.rows()),
		said(2, beside, r.left()),
	}
	if r.Size <= 0 {
		return []string{fit(width, parts...)}
	}
	return []string{withBar(width, r.Read, r.Size, parts...)}
}

// Line returns the reading as one line for a log, of at most width characters.
// It begins with the time of the day.
func (r Reading) Line(width int) string {
	return fit(width,
		said(0, "", r.Now.Format("15:04:05")),
		said(0, " ", r.What),
		said(1, ": ", words.Percent(r.Read, r.Size)),
		said(4, ", ", r.bytes()),
		said(3, ", ", r.rows()),
		said(2, ", ", r.left()))
}

// Fields returns the reading as keys and values for a log that a program reads.
func (r Reading) Fields() []slog.Attr {
	return []slog.Attr{
		slog.String("step", r.What),
		slog.Int64("bytes", r.Read),
		slog.Int64("size", r.Size),
		slog.Int("rows", r.Rows),
	}
}

func (r Reading) bytes() string {
	if r.Read == 0 && r.Size == 0 {
		return ""
	}
	if r.Size > 0 {
		return words.Bytes(r.Read) + " of " + words.Bytes(r.Size)
	}
	return words.Bytes(r.Read)
}

func (r Reading) rows() string {
	if r.Rows == 0 {
		return ""
	}
	return words.Count(r.Rows, "row")
}

// left tells how long the rest takes. Files are read at a steady rate.
func (r Reading) left() string {
	ran := r.Now.Sub(r.Began)
	if ran < time.Second || r.Read <= 0 || r.Size < r.Read {
		return ""
	}
	return words.Duration(time.Duration(float64(ran)*float64(r.Size-r.Read)/float64(r.Read))) + " left"
}
