package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"cognito-confirm/internal/lease"
)

const (
	// mirrorEvery is how often whole lines follow to the store: what is lost with
	// the disk is what was written since.
	mirrorEvery = 2 * time.Second
	// maxPart is how many bytes a part has at most, unless one line is longer.
	maxPart = 8 << 20
	// joined is how many parts of one kind become one, and maxJoined how large
	// that is at most.
	joined    = 200
	maxJoined = 16 << 20
)

// Mirrored tells what a mirror copies, and where to.
type Mirrored struct {
	// Store is where to. It writes nothing once somebody has taken over; see [While].
	Store Store
	// Name is the object that the parts are of, Run the run that makes them.
	Name, Run string
	// Path is the file that grows, a line at a time. Header is its first line,
	// with which every part begins.
	Path, Header string
	// From is where in the file the lines begin that the store does not have.
	From int64
	// Saved is renewed whenever the store has all lines. Calls are made only while it
	// is held, so a lost disk costs the answers of one lease length at most.
	Saved *lease.Lease
}

// Mirror copies the whole lines of a file that grows to the store, in parts. Make
// one with NewMirror, and Stop it.
type Mirror struct {
	of   Mirrored
	file *os.File
	stop context.CancelFunc
	done chan struct{}

	from  int64 // what the store has of the file
	parts []part

	mu  sync.Mutex
	err error // of the last pass
}

// part is one that this mirror has written.
type part struct {
	from, to int64
	level    int // how often parts have become one in it
}

// NewMirror begins to mirror.
func NewMirror(of Mirrored) (*Mirror, error) {
	file, err := os.Open(of.Path)
	if err != nil {
		return nil, fmt.Errorf("mirror report: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	m := &Mirror{of: of, file: file, stop: stop, done: make(chan struct{}), from: cmp.Or(of.From, int64(len(of.Header)))}
	of.Saved.Renew(time.Now()) // there is nothing yet that could be lost
	go m.run(ctx)
	return m, nil
}

// Stop ends the mirror. Lines may be left that the store does not have.
func (m *Mirror) Stop() error {
	m.stop()
	<-m.done
	return m.file.Close()
}

// Err returns why the store does not have what it should, nil when it has.
func (m *Mirror) Err() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.err
}

// Parts returns the names of the parts. Call it after Stop.
func (m *Mirror) Parts() []string { return m.names(m.parts) }

func (m *Mirror) names(parts []part) (names []string) {
	for _, p := range parts {
		names = append(names, m.name(p))
	}
	return names
}

func (m *Mirror) name(p part) string { return partName(m.of.Name, m.of.Run, p.from, p.to) }

func (m *Mirror) run(ctx context.Context) {
	defer close(m.done)
	for wait := mirrorEvery; ; {
		if pause(ctx, wait) != nil {
			return
		}
		err := m.pass(ctx)
		if ctx.Err() != nil {
			return
		}
		m.mu.Lock()
		m.err = err
		m.mu.Unlock()
		if wait = mirrorEvery; err != nil {
			wait = retryEvery
		}
	}
}

// pass brings all whole lines to the store.
func (m *Mirror) pass(ctx context.Context) error {
	began := time.Now()
	for {
		text, err := m.lines()
		if err != nil {
			return err
		}
		if len(text) == 0 {
			break
		}
		next := part{from: m.from, to: m.from + int64(len(text))}
		if err := writeText(ctx, m.of.Store, m.name(next), []byte(m.of.Header), text); err != nil {
			return err
		}
		m.from = next.to
		m.parts = append(m.parts, next)
	}
	m.of.Saved.Renew(began)
	return m.join(ctx)
}

// lines returns the next whole lines, at most a part of them.
func (m *Mirror) lines() ([]byte, error) {
	for size := int64(maxPart); ; size *= 2 {
		text, err := io.ReadAll(io.NewSectionReader(m.file, m.from, size))
		if err != nil {
			return nil, fmt.Errorf("mirror report: %w", err)
		}
		whole := bytes.LastIndexByte(text, '\n') + 1
		if whole > 0 || int64(len(text)) < size {
			return text[:whole], nil
		}
	}
}

// join makes one of the last parts when there are enough of one kind: a run of
// days must not leave more of them than somebody can read.
func (m *Mirror) join(ctx context.Context) error {
	first := len(m.parts) - joined
	if first < 0 {
		return nil
	}
	last := m.parts[len(m.parts)-1]
	if slices.ContainsFunc(m.parts[first:], func(p part) bool { return p.level != last.level }) {
		return nil
	}
	whole := part{from: m.parts[first].from, to: last.to, level: last.level + 1}
	if whole.to-whole.from > maxJoined {
		return nil
	}
	text := make([]byte, whole.to-whole.from)
	if _, err := m.file.ReadAt(text, whole.from); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("mirror report: %w", err)
	}
	if err := writeText(ctx, m.of.Store, m.name(whole), []byte(m.of.Header), text); err != nil {
		return err
	}
	names := m.names(m.parts[first:])
	m.parts = append(m.parts[:first], whole)
	// A part that could not be removed is read twice, and counts once.
	return RemoveAll(ctx, m.of.Store, names, retryEvery)
}
