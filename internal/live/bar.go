package live

import (
	"io"
	"time"

	"github.com/vbauerster/cupwriter"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"cognito-confirm/internal/messages"
)

const (
	// drawEvery is how often a bar is drawn.
	drawEvery = 250 * time.Millisecond
	// lateTime between two drawings means that the program was stopped.
	lateTime = 3 * drawEvery
)

// bar draws pictures at the bottom of a terminal. The library puts lines above
// it and takes it off in the end. What it shows is the picture's.
type bar struct {
	terminal *Terminal
	picture  func() Picture
	refresh  chan any // a value has the library draw
	screen   *screen
	drawn    time.Time // zero before
}

func newBar(terminal *Terminal, picture func() Picture) *bar {
	return &bar{terminal: terminal, picture: picture, refresh: make(chan any), screen: &screen{terminal: terminal}}
}

// draw has the picture drawn, unless the last one is still being written.
func (b *bar) draw(now time.Time) {
	late := !b.drawn.IsZero() && now.Sub(b.drawn) > lateTime
	b.drawn = now
	if late {
		return // SIGCONT comes in a moment, and tells where the cursor is
	}
	select {
	case b.refresh <- now:
	default:
	}
}

// start puts the bar on the terminal. It is called by the writer.
func (b *bar) start(out io.Writer) messages.Bar {
	b.screen.Writer = cupwriter.New(out, true)
	container := mpb.New(mpb.WithConsoleWriter(b.screen), mpb.WithManualRefresh(b.refresh))
	lines := len(b.picture().Lines(leastWidth))
	var above []mpb.BarFiller
	for i := lines - 2; i >= 0; i-- { // from the bottom up
		above = append(above, b.line(i, "\n"))
	}
	options := []mpb.BarOption{mpb.BarFillerTrim()}
	if above != nil {
		options = append(options, mpb.BarTopExtender(above...))
	}
	return &drawing{container, container.New(0, filler{b.line(lines-1, "")}, options...)}
}

// line draws one line of the picture.
func (b *bar) line(i int, end string) mpb.BarFiller {
	return mpb.BarFillerFunc(func(w io.Writer, s decor.Statistics) error {
		_, err := io.WriteString(w, b.picture().Lines(s.AvailableWidth)[i]+end)
		return err
	})
}

// filler is an mpb.BarFillerBuilder that has built already.
type filler struct{ mpb.BarFiller }

func (f filler) Build() mpb.BarFiller { return f.BarFiller }

// drawing is a bar on its terminal.
type drawing struct {
	container *mpb.Progress
	bar       *mpb.Bar
}

// Write implements messages.Bar.
func (d *drawing) Write(p []byte) (int, error) { return d.container.Write(p) }

// Stop implements messages.Bar.
func (d *drawing) Stop() {
	d.bar.Abort(true)
	d.container.Wait()
}
