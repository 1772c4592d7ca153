package live

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/messages"
)

// safeBuffer can be read while somebody writes to it.
type safeBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// TestLinesInLog: one every ten seconds, after ten minutes one a minute, and one
// when a signal asks for it.
func TestLinesInLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out safeBuffer
		c := messages.New(&out, "program: ")
		now := make(chan os.Signal, 1)
		stop := showClock(c, 3, Options{Mode: Lines, LineWidth: 83, Signals: Signals{Now: now}})
		wait(10*time.Second - 1)
		if got := out.String(); got != "" {
			t.Errorf("printed too early: %q", got)
		}
		wait(1)
		if got, want := out.String(), "program: 10s of 83\n"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
		wait(3500 * time.Millisecond)
		now <- os.Interrupt
		synctest.Wait()
		if got, want := out.String(), "program: 10s of 83\nprogram: 13.5s of 83\n"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
		wait(time.Hour)
		stop()
		c.Close()
		// 60 in ten minutes, 50 in the rest of the hour, and one for the signal.
		if lines := strings.Count(out.String(), "\n"); lines != 60+50+1 {
			t.Errorf("%d lines in an hour", lines)
		}
		if !strings.Contains(out.String(), "\nprogram: 10m0s of 83\nprogram: 11m0s of 83\n") {
			t.Errorf("in the eleventh minute:\n%s", out.String())
		}
		if strings.Contains(out.String(), "\x1b") {
			t.Error("an escape sequence where there is no terminal")
		}
	})
}

func TestJSONLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out safeBuffer
		c := messages.New(&out, "program: ")
		c.UseJSON()
		stop := showClock(c, 3, Options{Mode: Lines})
		wait(10 * time.Second)
		stop()
		c.Close()
		if got, want := out.String(), `{"time":"2000-01-01T00:00:10Z","level":"INFO","msg":"progress","passed":10000000000}`+"\n"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

func TestNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := Show(nil, Options{}, nil)
		wait(time.Hour)
		stop()
	})
}

// TestMissedLines are not made up for.
func TestMissedLines(t *testing.T) {
	began := time.Now()
	s := schedule{began: began, due: began.Add(often)}
	for _, test := range []struct {
		at  time.Duration
		due bool
	}{
		{10*time.Second - 1, false},
		{10 * time.Second, true},
		{10 * time.Second, false},
		{45 * time.Second, true}, // three were missed
		{46 * time.Second, false},
		{50 * time.Second, true},
		{9*time.Minute + 59*time.Second, true},
		{10 * time.Minute, true},
		{11*time.Minute - 1, false},
		{11 * time.Minute, true},
		{time.Hour + time.Second, true},
		{time.Hour + 59*time.Second, false},
	} {
		if got := s.isDue(began.Add(test.at)); got != test.due {
			t.Errorf("after %v: due %v", test.at, got)
		}
	}
}

// TestChoose where there is no terminal. The others are chosen on real ones.
func TestChoose(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for wanted, mode := range map[string]Mode{"auto": Lines, "bar": Lines, "lines": Lines, "none": None} {
		if got, terminal := Choose(wanted, file, "xterm"); got != mode || terminal != nil {
			t.Errorf("%s: mode %d, terminal %v", wanted, got, terminal)
		}
		if got, _ := Choose(wanted, new(bytes.Buffer), "xterm"); got != mode {
			t.Errorf("%s, no file: mode %d", wanted, got)
		}
	}
}
