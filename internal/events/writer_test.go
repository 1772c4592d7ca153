package events

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// everyEvent has each event once, with something in every field.
func everyEvent() []Event {
	return []Event{
		Run{Version: "v1.2.0", Pool: "us-east-1_Example12", Region: "us-east-1", Rate: 40, Pace: "polite", Concurrency: 256, Resumed: true, RowsBefore: 1200, Quota: 50},
		Sample{Rows: 1500, Answered: 310, Throttled: 3, Rate: 34.5, Ceiling: 36, Reason: "cruising below it", InFlight: 29},
		Outage{BeganAt: time.Date(2000, 1, 1, 0, 0, 1, 500e6, time.UTC), Code: "connection"},
		OutageOver{Seconds: 118.4},
		Signal{Signal: "SIGTERM"},
		End{Outcome: "interrupted", ExitStatus: 143, Reason: "terminated", Numbers: Numbers{
			Rows: 1500, Confirmed: 1480, AlreadyConfirmed: 6, TriggerFailed: 1, FailedRows: 10, Invalid: 3, Attempts: 1504, Throttled: 3}},
	}
}

const everyLine = `{"t":"2000-01-01T00:00:00.000Z","event":"run","version":"v1.2.0","pool":"us-east-1_Example12","region":"us-east-1","rate":40,"pace":"polite","concurrency":256,"resumed":true,"rows_before":1200,"quota":50}
{"t":"2000-01-01T00:00:10.000Z","event":"sample","rows":1500,"answered":310,"throttled":3,"rate":34.5,"ceiling":36,"reason":"cruising below it","in_flight":29}
{"t":"2000-01-01T00:00:20.000Z","event":"outage","began_at":"2000-01-01T00:00:01.5Z","code":"connection"}
{"t":"2000-01-01T00:00:30.000Z","event":"outage_over","seconds":118.4}
{"t":"2000-01-01T00:00:40.000Z","event":"signal","signal":"SIGTERM"}
{"t":"2000-01-01T00:00:50.000Z","event":"end","outcome":"interrupted","exit_status":143,"reason":"terminated","numbers":{"rows":1500,"confirmed":1480,"already_confirmed":6,"trigger_failed":1,"failed_rows":10,"invalid":3,"attempts":1504,"throttled":3,"not_verified":0}}
`

// open opens an events file for a test, which fails when an event is lost.
func open(t *testing.T, path string) *Writer {
	t.Helper()
	w, err := Open(path, func(err error) { t.Errorf("lost an event: %v", err) })
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func closeWriter(t *testing.T, w *Writer) {
	t.Helper()
	if err := errors.Join(w.Close(), w.Close()); err != nil {
		t.Error(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestWrite: what is in the file is an interface, to the byte.
func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users.events.jsonl")
	synctest.Test(t, func(t *testing.T) {
		w := open(t, path)
		for _, e := range everyEvent() {
			w.Write(e)
			time.Sleep(10 * time.Second)
		}
		closeWriter(t, w)
	})
	if got := read(t, path); got != everyLine {
		t.Errorf("wrote\n%s\nwant\n%s", got, everyLine)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 && os.PathSeparator == '/' {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// TestAppend: later runs go on after what is there, whatever a crash has left.
func TestAppend(t *testing.T) {
	const added = `{"t":"2000-01-01T00:00:00.000Z","event":"signal","signal":"SIGINT"}` + "\n"
	for name, test := range map[string]struct{ before, between string }{
		"empty":               {"", ""},
		"of an earlier run":   {everyLine, ""},
		"a torn last line":    {everyLine + `{"t":"2026-11-26T08:00:00.000Z","ev`, "\n"},
		"a torn first line":   {`{"t":"2026-`, "\n"},
		"ended by a run then": {`{"t":"2026-11-26T08:00:00.000Z","ev` + "\n" + everyLine, ""},
		"zeros at the end":    {everyLine + "\x00\x00\x00", "\n"},
		"zeros alone":         {"\x00\x00\x00", "\n"},
		"zeros at the start":  {"\x00\x00\x00\n" + everyLine, ""},
		"a torn name":         {`{"t":"2026-11-26T08:00:00.000Z","event":"ru`, "\n"},
		"a name with zeros":   {`{"t":"2026-11-26T08:00:00.000Z","event":"ru` + "\x00\x00\n" + everyLine, ""},
		"of a later version":  {`{"t":"2026-11-26T08:00:00.000Z","event":"run","lunch":true}` + "\n" + `{"t":"2026-11-26T08:00:01.000Z","event":"lunch"}` + "\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "events.jsonl")
			put(t, path, test.before)
			if err := os.Chmod(path, 0o600); err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				w := open(t, path)
				w.Write(Signal{Signal: "SIGINT"})
				closeWriter(t, w)
			})
			if got, want := read(t, path), test.before+test.between+added; got != want {
				t.Errorf("it is\n%q, want\n%q", got, want)
			}
		})
	}
}

// TestSomebodyElsesFile: a file that is not an events file is left as it is.
func TestSomebodyElsesFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	for _, content := range []string{
		"precious", "{", "{\n  \"t\": 1\n}\n", `{"t":`, `{"t":"later"}`, `{"time":"2026-11-26T08:00:00.000Z","event":"run"}`,
		"line,username,status\n", "\n" + everyLine, strings.Repeat("\x00", startSize),
		`{"t":"2026-11-26T08:00:00.000Z","event":"door_opened"}` + "\n", `{"t":"2026-11-26T08:00:00.000Z","event":"runs"}` + "\n",
		`{"t":"2026-11-26T08:00:00.000Z","event":"ru"}` + "\n", `{"t":"2026-11-26T08:00:00.000Z","event":""}` + "\n",
	} {
		put(t, path, content)
		w, err := Open(path, nil)
		if !errors.As(err, new(*UnusableError)) || read(t, path) != content {
			t.Errorf("%.50q: %v, %v; it is %.50q now", content, w, err, read(t, path))
		}
	}
	for path, isUnusable := range map[string]bool{dir: true, filepath.Join(dir, "none", "file"): false} {
		_, err := Open(path, nil)
		if err == nil || errors.As(err, new(*UnusableError)) != isUnusable {
			t.Errorf("%s: %v", path, err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// TestNothingWritten: a run that does not begin leaves the directory as it was.
func TestNothingWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	closeWriter(t, open(t, path))
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is there: %v", err)
	}
	put(t, path, everyLine)
	closeWriter(t, open(t, path))
	if got := read(t, path); got != everyLine {
		t.Errorf("it is %q now", got)
	}
}

// TestFailingWrite is told once and stops nothing.
func TestFailingWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	var told []error
	w, err := Open(path, func(err error) { told = append(told, err) })
	if err != nil {
		t.Fatal(err)
	}
	writable := w.file
	if w.file, err = os.Open(path); err != nil {
		t.Fatal(err)
	}
	w.Write(Signal{Signal: "SIGINT"})
	w.Write(Signal{Signal: "SIGTERM"})
	if err := w.file.Close(); err != nil || len(told) != 1 || !strings.HasPrefix(told[0].Error(), "write events: ") {
		t.Errorf("told %q, want one failure; %v", told, err)
	}
	w.file = writable
	w.Write(OutageOver{Seconds: 1})
	closeWriter(t, w)
	w.Write(OutageOver{Seconds: 2})
	if got := read(t, path); strings.Count(got, "\n") != 1 || !strings.Contains(got, `"seconds":1}`) {
		t.Errorf("the disk is back, and the file is %q", got)
	}
}

// TestPartOfALine: the event after one that was written in part has a line of its own.
func TestPartOfALine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	w := open(t, path)
	if _, err := w.file.WriteString(`{"t":"2026-`); err != nil {
		t.Fatal(err)
	}
	w.isTorn = true
	w.Write(Signal{Signal: "SIGINT"})
	w.Write(Signal{Signal: "SIGINT"})
	closeWriter(t, w)
	if lines := strings.Split(read(t, path), "\n"); len(lines) != 4 || lines[0] != `{"t":"2026-` {
		t.Errorf("lines %q", lines)
	}
}

// TestWritersAtOnce: lines of two runs come one after the other, each whole.
func TestWritersAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	first, second := open(t, path), open(t, path)
	var writers sync.WaitGroup
	for i := range 8 {
		writers.Go(func() { []*Writer{first, second}[i%2].Write(everyEvent()[0]) })
	}
	writers.Wait()
	closeWriter(t, first)
	closeWriter(t, second)
	if got := len(scan(t, read(t, path))); got != 8 {
		t.Errorf("%d events, want 8", got)
	}
}

func TestNoWriter(t *testing.T) {
	var w *Writer
	w.Write(Signal{})
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}
