package events

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// timeFormat is RFC 3339 in UTC with milliseconds, always of the same width.
const timeFormat = "2006-01-02T15:04:05.000Z"

// head is what every line has.
type head struct {
	Time  string `json:"t"`
	Event string `json:"event"`
}

// encode returns the line of an event, its line end included.
func encode(t time.Time, e Event) ([]byte, error) {
	start, err := json.Marshal(head{t.UTC().Format(timeFormat), e.name()})
	if err != nil {
		return nil, fmt.Errorf("encode event: %w", err)
	}
	rest, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode event: %w", err)
	}
	// One object of the two. Every event has fields.
	line := append(start[:len(start)-1], ',')
	return append(append(line, rest[1:]...), '\n'), nil
}

// decode returns the event of a line, and false for a line that is torn, or of
// an event that this version does not know.
func decode(line []byte) (Record, bool) {
	var h head
	if json.Unmarshal(line, &h) != nil {
		return Record{}, false
	}
	t, err := time.Parse(time.RFC3339, h.Time)
	if err != nil {
		return Record{}, false
	}
	event, ok := decodeEvent(h.Event, line)
	return Record{t.UTC(), event}, ok
}

func decodeEvent(name string, line []byte) (Event, bool) {
	switch name {
	case Run{}.name():
		return decodeAs[Run](line)
	case Sample{}.name():
		return decodeAs[Sample](line)
	case Outage{}.name():
		return decodeAs[Outage](line)
	case OutageOver{}.name():
		return decodeAs[OutageOver](line)
	case Signal{}.name():
		return decodeAs[Signal](line)
	case End{}.name():
		return decodeAs[End](line)
	}
	return nil, false
}

func decodeAs[E Event](line []byte) (Event, bool) {
	var e E
	err := json.Unmarshal(line, &e)
	return e, err == nil
}

// lineStart is how every line of an events file begins, with a digit in the
// place of each 0.
const lineStart = `{"t":"0000-00-00T00:00:00.000Z","event":"`

// leastStart is how much of it a crash must have left of the first line for the
// file to be known as ours.
const leastStart = len(`{"t":"`)

// startSize is how much of a file tells whether it is ours.
const startSize = 4 << 10

// isOurs reports whether a file that starts like this, with startSize bytes of
// it at most, is an events file. Its first line may be torn, or be the zeros
// that a power cut leaves. An empty file counts as one, too.
func isOurs(start []byte) bool {
	line := bytes.TrimLeft(start, "\x00")
	if len(line) == 0 {
		return len(start) < startSize
	}
	if len(line) < len(start) {
		line = bytes.TrimPrefix(line, []byte{'\n'})
	}
	for i := range min(len(line), len(lineStart)) {
		is, want := line[i], lineStart[i]
		isDigit := is >= '0' && is <= '9'
		if is != want && (want != '0' || !isDigit) {
			return i >= leastStart && (is == '\n' || is == 0)
		}
	}
	if len(line) > len(lineStart) {
		return isName(line[len(lineStart):])
	}
	return len(line) >= leastStart || len(line) == 0
}

// isName reports whether the rest of a first line begins with the name of an event. A
// crash may have torn it off.
func isName(rest []byte) bool {
	end := bytes.IndexAny(rest, "\"\n\x00")
	name, isTorn := rest, true
	if end >= 0 {
		name, isTorn = rest[:end], rest[end] != '"'
	}
	for _, event := range []Event{Run{}, Sample{}, Outage{}, OutageOver{}, Signal{}, End{}} {
		if string(name) == event.name() || isTorn && strings.HasPrefix(event.name(), string(name)) {
			return true
		}
	}
	return false
}
