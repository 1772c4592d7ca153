// Package live shows how far something has come while it runs: at the bottom of
// a terminal, or as lines in a log.
//
// The one idea in it: it looks, and is never told. Four times a second it asks
// for a picture and draws that, so that a row never waits for a terminal, and only
// what can be seen is drawn.
package live

import (
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"cognito-confirm/internal/messages"
)

// Picture is how far something has come, at one moment. It never changes.
type Picture interface {
	// Lines returns the picture for a terminal of width columns, always in the
	// same number of lines, none of them longer than that.
	Lines(width int) []string
	// Line returns the picture as one line for a log, of at most width
	// characters. Fields returns it for a log that a program reads.
	Line(width int) string
	Fields() []slog.Attr
}

// Options set how a picture is shown.
type Options struct {
	// Mode is how. The zero value shows nothing.
	Mode Mode
	// Terminal is where a bar goes.
	Terminal *Terminal
	// Delay is how long to wait before a bar is drawn for the first time:
	// what is over by then need not be shown.
	Delay time.Duration
	// LineWidth is how many characters a line in a log may have.
	LineWidth int
	// Signals are what a person asks for on the way.
	Signals Signals
}

// Show shows what look returns until stop is called, in the lines of a writer or
// below them. look is called from one goroutine at a time, and must not wait.
// stop does not wait for a terminal, and may be called again.
func Show(c *messages.Writer, o Options, look func(now time.Time) Picture) (stop func()) {
	if o.Mode == None {
		return func() {}
	}
	s := &show{messages: c, options: o, look: look, done: make(chan struct{})}
	var wait sync.WaitGroup
	wait.Go(s.run)
	return sync.OnceFunc(func() {
		close(s.done)
		wait.Wait()
	})
}

// show is something that is being shown.
type show struct {
	messages *messages.Writer
	options  Options
	look     func(time.Time) Picture
	done     chan struct{}
	latest   atomic.Pointer[Picture] // what a bar draws
	bar      *bar                    // nil before the first one is drawn
}

func (s *show) run() {
	every := lookEvery
	if s.options.Mode == Bar {
		every = drawEvery
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	began := time.Now()
	lines := schedule{began: began, due: began.Add(often)}
	s.update(began)
	if s.options.Mode == Bar && s.options.Delay == 0 {
		s.draw(began)
	}
	for {
		select {
		case <-s.done:
			if s.bar != nil {
				s.messages.End()
			}
			return
		case <-s.options.Signals.Continued:
			if s.bar != nil {
				s.bar.screen.lost.Store(true)
			}
		case <-s.options.Signals.Now:
			s.say(s.update(time.Now()))
		case now := <-tick.C:
			picture := s.update(now)
			if s.options.Mode == Bar && now.Sub(began) >= s.options.Delay {
				s.draw(now)
			} else if s.options.Mode == Lines && lines.isDue(now) {
				s.say(picture)
			}
		}
	}
}

// lookEvery is how often things are looked at where no bar is drawn: what is
// measured of them takes a look a second.
const lookEvery = time.Second

func (s *show) update(now time.Time) Picture {
	picture := s.look(now)
	s.latest.Store(&picture)
	return picture
}

func (s *show) say(picture Picture) {
	s.messages.Progress(picture.Line(s.options.LineWidth), picture.Fields())
}

// draw draws the latest picture, unless the terminal is somebody else's: a shell
// has the program run in the background, where it only writes lines.
func (s *show) draw(now time.Time) {
	if !s.options.Terminal.isOurs() {
		if s.bar != nil {
			s.bar.screen.hidden.Store(true)
			s.messages.End()
			s.bar = nil
		}
		return
	}
	if s.bar == nil {
		s.bar = newBar(s.options.Terminal, func() Picture { return *s.latest.Load() })
		s.messages.Begin(s.bar.start)
	}
	s.bar.draw(now)
}

// Signals are those by which a person asks for something on the way. A nil
// channel asks for nothing.
type Signals struct {
	// Now asks for a line at once. Continued means that the program was stopped,
	// and that somebody else has written to its terminal.
	Now, Continued <-chan os.Signal
}
