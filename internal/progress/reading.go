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

// Lines returns the reading as one line for a terminal of width columns.
func (r Reading) Lines(width int) []string { return r.step().lines(width) }

// Line returns the reading as one line for a log, of at most width characters.
// It begins with the time of the day.
func (r Reading) Line(width int) string { return r.step().line(width, r.Now) }

func (r Reading) step() step[int64] {
	s := step[int64]{what: r.What, done: r.Read, total: r.Size}
	s.parts = func(separator string) []part {
		return []part{
			said(4, separator, r.bytes()),
			said(3, separator, r.rows()),
			said(2, separator, s.left(r.Now.Sub(r.Began), time.Second)), // files are read at a steady rate
		}
	}
	return s
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
	switch {
	case r.Size > 0:
		return words.Bytes(r.Read) + " of " + words.Bytes(r.Size)
	case r.Read == 0:
		return ""
	}
	return words.Bytes(r.Read)
}

func (r Reading) rows() string {
	if r.Rows == 0 {
		return ""
	}
	return words.Count(r.Rows, "row")
}
