package messages

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const prefix = "program: "

// reader is what a writer writes to. It takes nothing while its gate is shut.
type reader struct {
	gate chan struct{} // nil: it is open

	mu     sync.Mutex
	text   bytes.Buffer
	writes int
	err    error // of every write
}

func stopped() *reader { return &reader{gate: make(chan struct{})} }

func (r *reader) Write(p []byte) (int, error) {
	if r.gate != nil {
		<-r.gate
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writes++
	if r.err != nil {
		return 0, r.err
	}
	return r.text.Write(p)
}

func (r *reader) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// goOn opens the gate and waits until everything is read.
func (r *reader) goOn() {
	close(r.gate)
	synctest.Wait()
}

func TestLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &reader{}
		c := New(out, prefix)
		c.Info("one")
		c.Warn("beware")
		c.Progress("two", []slog.Attr{slog.Int("rows", 2)})
		c.Error("a file\nof \x1b[31mthree\u2028lines\r\xff")
		long := strings.Repeat("a", 2000)
		c.Info(long)
		c.Close()
		want := prefix + "one\n" + prefix + "WARNING: beware\n" + prefix + "two\n" + prefix + `a file\nof \x1b[31mthree\u2028lines\r\xff` + "\n" + prefix + long + "\n"
		if got := out.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		c.Info("too late")
		if got := out.String(); got != want {
			t.Errorf("written after Close: %q", got)
		}
	})
}

func TestJSON(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &reader{}
		c := New(out, prefix)
		c.UseJSON()
		c.Progress("2 rows, 33.5/s", []slog.Attr{slog.Int("rows", 2), slog.Float64("rate", 33.5)})
		time.Sleep(1500 * time.Millisecond)
		c.Error("of \"two\"\nlines")
		c.Close()
		want := `{"time":"2000-01-01T00:00:00Z","level":"INFO","msg":"progress","rows":2,"rate":33.5}
{"time":"2000-01-01T00:00:01.5Z","level":"ERROR","msg":"of \"two\"\\nlines"}
`
		if got := out.String(); got != want {
			t.Errorf("\n%s\nwant\n%s", got, want)
		}
	})
}

// TestNobodyReads: nothing waits, Close waits for a second, and errors stay
// when progress has to go.
func TestNobodyReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := stopped()
		c := New(out, prefix)
		began := time.Now()
		for i := range 3 * mostItems {
			c.Progress(fmt.Sprint("progress ", i), nil)
			if i%100 == 0 {
				c.Error(fmt.Sprint("error ", i))
			}
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("messages took %v", took)
		}
		c.Close()
		if took := time.Since(began); took != patience {
			t.Errorf("Close returned after %v, want %v", took, patience)
		}
		out.goOn()
		got := out.String()
		if n := strings.Count(got, "error "); n != 3*mostItems/100 {
			t.Errorf("%d errors came out", n)
		}
		if last := fmt.Sprint("progress ", 3*mostItems-1, "\n"); !strings.HasSuffix(got, last) {
			t.Errorf("the newest progress is not the last line: %q", got[len(got)-50:])
		}
		if lines := strings.Count(got, "\n"); lines > mostItems+1 { // one was on its way
			t.Errorf("%d lines came out", lines)
		}
		if strings.Contains(got, "lost") {
			t.Error("progress that is out of date counts as lost")
		}
	})
}

func TestBounds(t *testing.T) {
	for name, message := range map[string]string{"items": "short", "bytes": strings.Repeat("long", 2500)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out := stopped()
				c := New(out, "")
				c.Error("first")
				synctest.Wait() // it is on its way
				for range 5 * mostItems {
					c.Error(message)
				}
				c.Progress(message, nil)
				out.goOn()
				c.Error("last")
				c.Close()
				got := out.String()
				if len(got) > mostBytes+1000 {
					t.Errorf("%d bytes were held", len(got))
				}
				kept := strings.Count(got, message)
				want := fmt.Sprintf("\n%d messages are lost, because nobody read them in time\nlast\n", 5*mostItems-kept)
				if !strings.HasPrefix(got, "first\n") || !strings.HasSuffix(got, want) {
					t.Errorf("ends with %q, want %q", got[max(0, len(got)-200):], want)
				}
			})
		})
	}
}

// TestLongMessage: there is always room for one.
func TestLongMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &reader{}
		c := New(out, "")
		long := strings.Repeat("x", 2*mostBytes)
		c.Error(long)
		c.Close()
		if got := out.String(); got != long+"\n" {
			t.Errorf("%d bytes came out", len(got))
		}
	})
}

// TestBrokenPipe: after a failed write there is nobody to tell.
func TestBrokenPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &reader{err: errors.New("broken pipe")}
		c := New(out, prefix)
		began := time.Now()
		for range 10 {
			c.Error("said")
		}
		c.Begin(func(io.Writer) Bar { t.Error("a bar for nobody"); return nil })
		c.Close()
		if out.writes != 1 || time.Since(began) != 0 {
			t.Errorf("%d writes in %v, want 1 in no time", out.writes, time.Since(began))
		}
	})
}

// fakeBar marks what it is given.
type fakeBar struct {
	out     io.Writer
	err     error         // of its writes
	blocked chan struct{} // not nil: Stop waits for it
}

func (b *fakeBar) Write(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	return fmt.Fprintf(b.out, "above the bar: %s", p)
}

func (b *fakeBar) Stop() {
	if b.blocked != nil {
		<-b.blocked
	}
	io.WriteString(b.out, "bar off\n")
}

func TestBar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &reader{}
		c := New(out, "")
		start := func(bar *fakeBar) func(io.Writer) Bar {
			return func(out io.Writer) Bar {
				io.WriteString(out, "bar on\n")
				bar.out = out
				return bar
			}
		}
		c.End()
		c.Info("1")
		c.Begin(start(&fakeBar{}))
		c.Info("2")
		c.Progress("3", nil)
		c.End()
		c.Info("4")
		c.Begin(start(&fakeBar{err: errors.New("the bar is gone")}))
		c.Info("5")
		c.Begin(start(&fakeBar{}))
		c.Info("6")
		c.Close()
		want := "1\nbar on\nabove the bar: 2\nabove the bar: 3\nbar off\n4\nbar on\nbar off\n5\nbar on\nabove the bar: 6\nbar off\n"
		if got := out.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

// TestHeldTerminal: a bar on a terminal that takes nothing delays Close by a second,
// and nothing else.
func TestHeldTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &reader{}
		c := New(out, "")
		bar := &fakeBar{out: out, blocked: make(chan struct{})}
		c.Begin(func(io.Writer) Bar { return bar })
		c.End()
		c.Error("after the bar")
		began := time.Now()
		c.Close()
		if took := time.Since(began); took != patience {
			t.Errorf("Close returned after %v, want %v", took, patience)
		}
		close(bar.blocked)
		synctest.Wait()
		if got := out.String(); got != "bar off\nafter the bar\n" {
			t.Errorf("%q", got)
		}
	})
}

// slowReader takes a line in a certain time.
type slowReader struct {
	reader
	takes time.Duration
}

func (r *slowReader) Write(p []byte) (int, error) {
	time.Sleep(r.takes)
	return r.reader.Write(p)
}

// TestWait: a list waits for a slow reader, as long as there is one.
func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &slowReader{takes: listPatience - 1}
		c := New(out, "")
		began := time.Now()
		for range 10 {
			c.Info("two lines")
			c.Info("at a time")
			c.Wait(t.Context())
		}
		if took, lines := time.Since(began), strings.Count(out.String(), "\n"); took != 20*out.takes || lines != 20 {
			t.Errorf("%d lines after %v", lines, took)
		}
		c.Close()
		c.Wait(t.Context())
	})
}

// TestWaitForNobody: a list waits in vain once, and again when somebody has read.
func TestWaitForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := stopped()
		c := New(out, "")
		waited := func() time.Duration {
			began := time.Now()
			for range 2 * mostItems {
				c.Info("line")
				c.Wait(t.Context())
			}
			return time.Since(began)
		}
		if took := waited(); took != listPatience {
			t.Errorf("waited for %v", took)
		}
		out.goOn()
		if text := out.String(); !strings.HasSuffix(text, "messages are lost, because nobody read them in time\n") {
			t.Errorf("ends with %q", text[max(0, len(text)-100):])
		}
		out.gate = make(chan struct{})
		if took := waited(); took != listPatience {
			t.Errorf("waited for %v after there was a reader", took)
		}
		close(out.gate)
		c.Close()
	})
}

// TestWaitUntilASignal does not outlive its context.
func TestWaitUntilASignal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := stopped()
		c := New(out, "")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		for range 2 {
			c.Info("not read")
			c.Wait(ctx)
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("waited for %v, not until the context ended", took)
		}
		out.goOn()
		c.Close()
	})
}

func TestWrap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &reader{}
		c := New(out, "me: ")
		width := 20
		c.WrapAt(func() int { return width })
		c.Info("a few words that take more than a row")
		c.Info("sixteen columns.")
		c.Info("a:        9 of many spaces")
		c.Info("/a/word/that/takes/more/than/a/row and more words")
		c.Info("the row of /as/long/as/a/row1, and more")
		c.Info("the row of /longer/than/any/of/them, and more words")
		c.Info("世界世界 世界世界")
		c.Error("an error with a command in it")
		c.Progress("progress that was made to measure", nil)
		width = 8
		c.Info("too narrow for anything")
		width = 0
		c.Info("a few words that take more than a row")
		c.UseJSON()
		width = 20
		c.Info("a few words that take more than a row")
		c.Close()
		want := `me: a few words that
    take more than a
    row
me: sixteen columns.
me: a:        9 of
    many spaces
me: /a/word/that/takes/more/than/a/row
    and more words
me: the row of
/as/long/as/a/row1,
    and more
me: the row of
/longer/than/any/of/them,
    and more words
me: 世界世界
    世界世界
me: an error with a command in it
me: progress that was made to measure
me: too narrow for anything
me: a few words that take more than a row
{"time":"2000-01-01T00:00:00Z","level":"INFO","msg":"a few words that take more than a row"}
`
		if got := out.String(); got != want {
			t.Errorf("\n%s\nwant\n%s", got, want)
		}
	})
}
