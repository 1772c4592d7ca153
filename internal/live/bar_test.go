package live

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/messages"
)

// clock is a picture of the time that has passed.
type clock struct {
	passed time.Duration
	lines  int
}

func (c clock) Lines(width int) []string {
	text := make([]string, c.lines)
	for i := range text {
		text[i] = fmt.Sprint(strings.Repeat("=", width-10), " ", i, " ", c.passed)
	}
	return text
}

func (c clock) Line(width int) string { return fmt.Sprint(c.passed, " of ", width) }

func (c clock) Fields() []slog.Attr { return []slog.Attr{slog.Duration("passed", c.passed)} }

// showClock shows a clock that has this number of lines.
func showClock(c *messages.Writer, lines int, o Options) (stop func()) {
	began := time.Now()
	return Show(c, o, func(now time.Time) Picture { return clock{now.Sub(began), lines} })
}

func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// wantScreen compares what a terminal shows with lines.
func wantScreen(t *testing.T, e *emulator, lines ...string) {
	t.Helper()
	if got, want := e.String(), strings.Join(lines, "\n"); got != want {
		t.Errorf("the terminal shows\n%s\nwant\n%s", got, want)
	}
}

// TestBarOnTerminal: it is drawn four times a second, lines go above it, and in
// the end nothing is left of it.
func TestBarOnTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEmulator(t, 30, 8)
		c := messages.New(e, "program: ")
		c.Info("begins")
		stop := showClock(c, 3, Options{Mode: Bar, Terminal: e.terminal()})
		wait(time.Second)
		bar := strings.Repeat("=", 20)
		wantScreen(t, e, "program: begins", bar+" 0 1s", bar+" 1 1s", bar+" 2 1s")
		if e.writes > 6 {
			t.Errorf("%d writes in a second", e.writes)
		}
		c.Error("something is wrong, and takes more than a row")
		c.Info("something else")
		wait(250 * time.Millisecond)
		wantScreen(t, e, "program: begins", "program: something is wrong, a", "nd takes more than a row", "program: something else",
			bar+" 0 1.25s", bar+" 1 1.25s", bar+" 2 1.25s")
		c.Info("said last")
		stop()
		stop()
		c.Info("said afterwards")
		c.Close()
		wantScreen(t, e, "program: begins", "program: something is wrong, a", "nd takes more than a row", "program: something else",
			"program: said last", "program: said afterwards")
	})
}

// TestResize: nothing of a frame is left when its lines no longer fit.
func TestResize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEmulator(t, 80, 24)
		c := messages.New(e, "")
		defer c.Close()
		c.Info("begins")
		stop := showClock(c, 3, Options{Mode: Bar, Terminal: e.terminal()})
		defer stop()
		wait(time.Second)
		for _, width := range []int{40, 21, 80, 30, 120, 60} {
			e.resize(width)
			wait(500 * time.Millisecond)
			wide := strings.Repeat("=", width-10)
			passed := strings.Fields(e.String())[3]
			wantScreen(t, e, "begins", wide+" 0 "+passed, wide+" 1 "+passed, wide+" 2 "+passed)
		}
	})
}

// TestSmallTerminal: the last lines are shown, and nothing scrolls.
func TestSmallTerminal(t *testing.T) {
	for height, want := range map[int]int{1: 0, 2: 1, 3: 2, 4: 3} {
		synctest.Test(t, func(t *testing.T) {
			e := newEmulator(t, 20, height)
			c := messages.New(e, "")
			defer c.Close()
			stop := showClock(c, 3, Options{Mode: Bar, Terminal: e.terminal()})
			defer stop()
			wait(10 * time.Second)
			var lines []string
			for i := 3 - want; i < 3; i++ {
				lines = append(lines, fmt.Sprint("========== ", i, " 10s"))
			}
			wantScreen(t, e, lines...)
		})
	}
}

// TestStopped: what the shell writes while the program is stopped stays, and the
// bar goes on below it.
func TestStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEmulator(t, 20, 24)
		c := messages.New(e, "")
		defer c.Close()
		continued := make(chan os.Signal, 1)
		stop := showClock(c, 2, Options{Mode: Bar, Terminal: e.terminal(), Signals: Signals{Continued: continued}})
		wait(time.Second)
		fmt.Fprint(e, "^Z\n[1]+ Stopped\n$ fg\nprogram\n")
		continued <- os.Interrupt
		wait(time.Second)
		shell := []string{"========== 0 1s", "========== 1 1s", "^Z", "[1]+ Stopped", "$ fg", "program"}
		wantScreen(t, e, append(shell, "========== 0 2s", "========== 1 2s")...)
		stop()
		c.Close()
		wantScreen(t, e, shell...)
	})
}

// TestBackground: the terminal is the shell's. Lines come, and no bar.
func TestBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEmulator(t, 20, 24)
		c := messages.New(e, "")
		defer c.Close()
		stop := showClock(c, 2, Options{Mode: Bar, Terminal: e.terminal()})
		wait(time.Second)
		c.Info("before")
		e.set(func() { e.background = true })
		fmt.Fprint(e, "$ ")
		wait(time.Minute)
		shown := []string{"========== 0 1s", "========== 1 1s", "$ before"}
		wantScreen(t, e, shown...)
		c.Info("in the background")
		wait(time.Minute)
		shown = append(shown, "in the background")
		wantScreen(t, e, shown...)
		e.set(func() { e.background = false })
		wait(500 * time.Millisecond)
		wantScreen(t, e, append(shown, "========== 0 2m1.5s", "========== 1 2m1.5s")...)
		stop()
		c.Close()
		wantScreen(t, e, shown...)
	})
}

// TestStartedInBackground: no bar is drawn before the terminal is ours.
func TestStartedInBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEmulator(t, 20, 24)
		e.background = true
		c := messages.New(e, "")
		stop := showClock(c, 2, Options{Mode: Bar, Terminal: e.terminal()})
		wait(time.Minute)
		c.Info("a line")
		wait(time.Minute)
		wantScreen(t, e, "a line")
		stop()
		c.Close()
		wantScreen(t, e, "a line")
	})
}

// TestLateTick: a process that was stopped is told so just after it goes on, and
// draws nothing before.
func TestLateTick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBar(newEmulator(t, 20, 24).terminal(), nil)
		draws := 0
		done := make(chan struct{})
		go func() {
			for {
				select {
				case <-b.refresh:
					draws++
				case <-done:
					return
				}
			}
		}()
		now := time.Now()
		for i, step := range []time.Duration{0, drawEvery, lateTime, lateTime + 1, drawEvery} {
			synctest.Wait()
			now = now.Add(step)
			b.draw(now)
			synctest.Wait()
			if want := []int{1, 2, 3, 3, 4}[i]; draws != want {
				t.Errorf("after %v: drawn %d times, want %d", step, draws, want)
			}
		}
		close(done)
	})
}

// TestTyping: a key that is echoed shifts nothing.
func TestTyping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEmulator(t, 20, 24)
		c := messages.New(e, "")
		defer c.Close()
		stop := showClock(c, 2, Options{Mode: Bar, Terminal: e.terminal()})
		defer stop()
		wait(time.Second)
		fmt.Fprint(e, "^C")
		wait(250 * time.Millisecond)
		wantScreen(t, e, "========== 0 1.25s", "========== 1 1.25s")
	})
}

// TestHeldTerminal: the caller never waits for a terminal that takes nothing.
func TestHeldTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEmulator(t, 20, 24)
		e.blocked = make(chan struct{})
		c := messages.New(e, "")
		looks := 0
		stop := Show(c, Options{Mode: Bar, Terminal: e.terminal()}, func(time.Time) Picture { looks++; return clock{0, 3} })
		c.Info("hello")
		wait(time.Minute)
		began := time.Now()
		stop()
		if looks != 241 || time.Since(began) != 0 {
			t.Errorf("%d looks, and stopping took %v", looks, time.Since(began))
		}
		c.Close()
		if took := time.Since(began); took != time.Second {
			t.Errorf("closing took %v", took)
		}
		close(e.blocked)
		synctest.Wait()
		wantScreen(t, e, "hello")
	})
}

// TestDelay: what is over at once is not shown.
func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEmulator(t, 20, 24)
		c := messages.New(e, "")
		defer c.Close()
		o := Options{Mode: Bar, Terminal: e.terminal(), Delay: time.Second}
		stop := showClock(c, 1, o)
		wait(time.Second - 1)
		stop()
		synctest.Wait()
		if e.writes > 0 {
			t.Errorf("%d writes, it shows %q", e.writes, e.String())
		}
		stop = showClock(c, 1, o)
		wait(1250 * time.Millisecond)
		wantScreen(t, e, "========== 0 1.25s")
		stop()
	})
}
