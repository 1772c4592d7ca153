package events

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func scan(t *testing.T, text string) (records []Record) {
	t.Helper()
	for record, err := range Scan(strings.NewReader(text)) {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, record)
	}
	return records
}

// TestScan: what was written comes back.
func TestScan(t *testing.T) {
	var want []Record
	for i, e := range everyEvent() {
		want = append(want, Record{time.Date(2000, 1, 1, 0, 0, 10*i, 0, time.UTC), e})
	}
	if got := scan(t, everyLine); !slices.Equal(got, want) {
		t.Errorf("events\n%v, want\n%v", got, want)
	}
	for range Scan(strings.NewReader(everyLine)) {
		break
	}
}

// TestScanPassesOver what is torn, of another version, or somebody else's.
func TestScanPassesOver(t *testing.T) {
	for name, text := range map[string]string{
		"a torn last line":          everyLine + `{"t":"2026-11-26T08:00:00.000Z","event":"signal","signal":"SIGINT"}`,
		"a torn line between":       everyLine[:len(everyLine)/2] + "\n" + everyLine,
		"a torn first line":         `{"t":"2026-11-26T08:00` + "\n" + everyLine,
		"zeros":                     "\x00\x00\n" + everyLine + "\x00\x00",
		"an unknown event":          everyLine + `{"t":"2026-11-26T08:00:00.000Z","event":"lunch"}` + "\n" + everyLine,
		"a field of another type":   everyLine + `{"t":"2026-11-26T08:00:00.000Z","event":"sample","rate":"fast"}` + "\n",
		"a time that is none":       everyLine + `{"t":"noon","event":"signal"}` + "\n",
		"a blank line":              everyLine + "\n\n",
		"a line that is far longer": everyLine + strings.Repeat("x", 3*maxLine) + "\n",
	} {
		got := scan(t, text)
		if len(got) < 6 || got[len(got)-1].Event != everyEvent()[5] {
			t.Errorf("%s: %d events, %v", name, len(got), got)
		}
	}
	later := strings.Replace(everyLine, `"event":"signal",`, `"event":"signal","mood":"good",`, 1)
	if got := scan(t, later); len(got) != 6 {
		t.Errorf("an unknown field: %d events", len(got))
	}
	if got := scan(t, ""); got != nil {
		t.Errorf("an empty file: %v", got)
	}
}

func TestScanOfAnotherFile(t *testing.T) {
	failure := errors.New("the disk is gone")
	for name, test := range map[string]struct {
		from io.Reader
		want error
	}{
		"a report":        {strings.NewReader("line,username,status\n1,a,confirmed\n"), ErrNotEvents},
		"other JSON":      {strings.NewReader(`{"a":1}` + "\n"), ErrNotEvents},
		"a failing disk":  {iotest.ErrReader(failure), failure},
		"one that breaks": {io.MultiReader(strings.NewReader(strings.Repeat(everyLine, 100)), iotest.ErrReader(failure)), failure},
	} {
		var last error
		for _, err := range Scan(test.from) {
			last = err
		}
		if !errors.Is(last, test.want) {
			t.Errorf("%s: %v", name, last)
		}
	}
}

// FuzzScan: whatever is in a file, a scan ends, and what it finds can be
// written again and found again.
func FuzzScan(f *testing.F) {
	f.Add(everyLine)
	f.Add(everyLine[:100])
	f.Add("\x00\x00\n" + everyLine)
	f.Add(`{"t":"2026-11-26T08:00:00.000Z","event":"outage","began_at":"2026-11-26T08:00:00+01:00"}` + "\n")
	f.Add(`{"t":"2026-11-26T08:00:00.000Z","event":"sample","rate":1e308,"rows":-1}` + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Count(text, "\n")
		var found []Record
		for record, err := range Scan(strings.NewReader(text)) {
			if err != nil {
				if found != nil || !errors.Is(err, ErrNotEvents) {
					t.Fatalf("after %d events: %v", len(found), err)
				}
				return
			}
			found = append(found, record)
		}
		if len(found) > lines {
			t.Fatalf("%d events on %d lines", len(found), lines)
		}
		for _, record := range found {
			line, err := encode(record.Time, record.Event)
			if err != nil {
				continue // a year that RFC 3339 has no digits for
			}
			again, ok := decode(line)
			if !ok || again.Event.name() != record.Event.name() {
				t.Fatalf("%s was read as %v, %v", line, again, ok)
			}
		}
	})
}
