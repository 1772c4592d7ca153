package live

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// emulator is a terminal as far as a bar needs one. Like most, it wraps long
// lines again when its width changes.
type emulator struct {
	t *testing.T

	mu            sync.Mutex
	width, height int
	rows          []row // all that was ever shown, the screen is the end of it
	y, x          int   // of the cursor
	background    bool
	blocked       chan struct{} // not nil: writes wait for it
	writes        int
}

// row is one row of the terminal.
type row struct {
	text    []rune
	wrapped bool // goes on in the next row
}

func newEmulator(t *testing.T, width, height int) *emulator {
	return &emulator{t: t, width: width, height: height, rows: make([]row, 1)}
}

// terminal is the emulator as the program sees it.
func (e *emulator) terminal() *Terminal {
	return &Terminal{
		size: func() (int, int, error) {
			e.mu.Lock()
			defer e.mu.Unlock()
			return e.width, e.height, nil
		},
		isOurs: func() bool {
			e.mu.Lock()
			defer e.mu.Unlock()
			return !e.background
		},
	}
}

var escape = regexp.MustCompile(`^\x1b\[(\d*)([A-Z])`)

func (e *emulator) Write(p []byte) (int, error) {
	if e.blocked != nil {
		<-e.blocked
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.writes++
	for text := string(p); text != ""; {
		if found := escape.FindStringSubmatch(text); found != nil {
			n, _ := strconv.Atoi(found[1])
			e.escape(max(1, n), found[2])
			text = text[len(found[0]):]
			continue
		}
		r := []rune(text)[0]
		text = text[len(string(r)):]
		e.put(r)
	}
	return len(p), nil
}

func (e *emulator) escape(n int, command string) {
	switch command {
	case "A":
		e.y = max(e.y-n, e.top())
	case "J":
		e.rows = e.rows[:e.y+1]
		e.rows[e.y].text = e.rows[e.y].text[:min(e.x, len(e.rows[e.y].text))]
		e.rows[e.y].wrapped = false
	default:
		e.t.Errorf("an escape sequence that is not expected: %s", command)
	}
}

// top is the first row of the screen: what is above it cannot be reached.
func (e *emulator) top() int { return max(0, len(e.rows)-e.height) }

func (e *emulator) put(r rune) {
	switch r {
	case '\r':
		e.x = 0
		return
	case '\n':
		e.x = 0
		e.down()
		return
	}
	if e.x == e.width {
		e.rows[e.y].wrapped = true
		e.x = 0
		e.down()
	}
	line := &e.rows[e.y].text
	for len(*line) <= e.x {
		*line = append(*line, ' ')
	}
	(*line)[e.x] = r
	e.x++
}

func (e *emulator) down() {
	if e.y++; e.y == len(e.rows) {
		e.rows = append(e.rows, row{})
	}
}

// resize wraps the lines again. The cursor keeps its place in its line.
func (e *emulator) resize(width int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.width = width
	var rows []row
	y := 0
	for i := 0; i < len(e.rows); i++ {
		first, whole := i, e.rows[i].text
		for e.rows[i].wrapped {
			i++
			whole = append(whole[:len(whole):len(whole)], e.rows[i].text...)
		}
		if first <= e.y && e.y <= i {
			y = len(rows)
		}
		for len(whole) > width {
			rows = append(rows, row{whole[:width:width], true})
			whole = whole[width:]
		}
		rows = append(rows, row{text: whole})
	}
	e.rows, e.y = rows, y
}

// String returns all that is and was shown.
func (e *emulator) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all strings.Builder
	for _, row := range e.rows {
		fmt.Fprintln(&all, strings.TrimRight(string(row.text), " "))
	}
	return strings.TrimRight(all.String(), "\n")
}

func (e *emulator) set(change func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change()
}
