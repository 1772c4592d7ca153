package live

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"github.com/mattn/go-runewidth"
	"github.com/vbauerster/cupwriter"
)

// screen writes frames over one another, with lines above them. The library goes
// up as many rows as the last frame had lines. That is wrong after the terminal
// became narrower, which breaks lines in two, after a shell has written below the
// frame, and after somebody has typed.
type screen struct {
	*cupwriter.Writer // where the frames go, once there is a bar
	terminal          *Terminal
	above             bytes.Buffer // lines that go above the next frame
	frame             bytes.Buffer // the next frame
	drawn             []int        // columns of each line of the last frame
	next              []int        // of the next frame
	// lost: the cursor is no longer below the last frame. hidden: the last frame
	// stays where it is, and no other is drawn. Lines come all the same.
	lost, hidden atomic.Bool
}

// IsTerminal implements mpb.ConsoleWriter.
func (s *screen) IsTerminal() bool { return true }

// GetTermSize implements mpb.ConsoleWriter. The row of the cursor, below the
// frame, cannot be drawn on.
func (s *screen) GetTermSize() (width, height int, err error) {
	width, height, err = s.terminal.size()
	return max(1, width), max(0, height-1), err
}

// Write implements mpb.ConsoleWriter: it takes in lines that go above the frame.
func (s *screen) Write(p []byte) (int, error) { return s.above.Write(p) }

// ReadFrom implements mpb.ConsoleWriter: it takes in a line of the next frame.
func (s *screen) ReadFrom(r io.Reader) (int64, error) {
	line, err := io.ReadAll(r)
	if len(line) > 0 {
		s.next = append(s.next, columns(strings.TrimSuffix(string(line), "\n")))
		s.frame.Write(line)
	}
	return int64(len(line)), err
}

// Flush implements mpb.ConsoleWriter. The library's number of lines is too small
// where the terminal was too low for all of them.
func (s *screen) Flush(int) error {
	if s.hidden.Load() {
		s.lost.Store(true)
		s.frame.Reset()
		s.next = nil
	}
	if err := s.rewind(); err != nil {
		return err
	}
	s.above.WriteTo(s.Writer)
	s.frame.WriteTo(s.Writer)
	s.drawn, s.next = s.next, nil
	return s.Writer.Flush(len(s.drawn))
}

// rewind corrects how far up the next frame goes.
func (s *screen) rewind() error {
	width, height, err := s.terminal.size()
	if err != nil {
		return err
	}
	if s.Len() == 0 && len(s.drawn) > 0 {
		return nil // a console of Windows is not moved by its text
	}
	rows := s.rows(width)
	if s.lost.Swap(false) {
		rows = 0
	}
	s.Reset()
	if !s.hidden.Load() {
		s.Writer.Write([]byte("\r")) // somebody may have typed
	}
	s.Writer.Write(up(min(rows, max(0, height-1))))
	return nil
}

// rows is how many rows the last frame takes now.
func (s *screen) rows(width int) int {
	if width < 1 { // not known
		return len(s.drawn)
	}
	rows := 0
	for _, columns := range s.drawn {
		rows += max(1, (columns+width-1)/width)
	}
	return rows
}

// columns is how many columns of a terminal a text takes, whatever the locale is.
func columns(text string) int { return (&runewidth.Condition{}).StringWidth(text) }

// up is what the library writes to go up by this number of rows and clear what is below.
func up(rows int) []byte {
	if rows <= 0 {
		return nil
	}
	return fmt.Appendf(nil, "\x1b[%dA\x1b[J", rows)
}
