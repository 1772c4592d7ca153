package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// memory is a store that can be made to fail, to be slow and to lose answers.
type memory struct {
	mu      sync.Mutex
	objects map[string]object
	writes  int
	written []string // the names, in order

	before func(doing, name string) error // see fail
	// after is asked once a write is done. Its error is the answer all the same.
	after func(name string) error
	// takes is how long a write takes, half of it on the way there.
	takes time.Duration
}

type object struct {
	text, tag, owner string
}

func newMemory() *memory { return &memory{objects: make(map[string]object)} }

var errDown = errors.New("down")

func (m *memory) ask(ctx context.Context, doing, name string) error {
	m.mu.Lock()
	before := m.before
	m.mu.Unlock()
	if before != nil {
		if err := before(doing, name); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// fail asks a function for each request from now on. Its error is the answer, and
// the request is not done.
func (m *memory) fail(before func(doing, name string) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.before = before
}

func (m *memory) Stat(ctx context.Context, name string) (Info, error) {
	if err := m.ask(ctx, "stat", name); err != nil {
		return Info{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	o, ok := m.objects[name]
	if !ok {
		return Info{}, fs.ErrNotExist
	}
	return Info{Size: int64(len(o.text)), Tag: o.tag, Owner: o.owner}, nil
}

func (m *memory) Read(ctx context.Context, name string, of Info, from, to int64) ([]byte, error) {
	if err := m.ask(ctx, "read", name); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	o, ok := m.objects[name]
	if !ok || o.tag != of.Tag {
		return nil, ErrChanged
	}
	return []byte(o.text[from:to]), nil
}

func (m *memory) Write(ctx context.Context, name string, body io.ReadSeeker, a Attributes) (string, error) {
	if err := m.ask(ctx, "write", name); err != nil {
		return "", err
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return "", err
	}
	time.Sleep(m.takes / 2)
	m.mu.Lock()
	o, exists := m.objects[name]
	if a.Condition.Absent && exists || a.Condition.Tag != "" && o.tag != a.Condition.Tag {
		m.mu.Unlock()
		return "", ErrConflict
	}
	m.writes++
	m.written = append(m.written, name)
	tag := strconv.Itoa(m.writes)
	m.objects[name] = object{string(text), tag, a.Owner}
	m.mu.Unlock()
	time.Sleep(m.takes / 2)
	if m.after != nil {
		if err := m.after(name); err != nil {
			return "", err
		}
	}
	return tag, ctx.Err()
}

func (m *memory) List(ctx context.Context, prefix string) ([]string, error) {
	if err := m.ask(ctx, "list", prefix); err != nil {
		return nil, err
	}
	return m.names(prefix), nil
}

func (m *memory) Remove(ctx context.Context, name string) error {
	if err := m.ask(ctx, "remove", name); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.objects, name)
	return nil
}

func (m *memory) names(prefix string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for _, name := range slices.Sorted(maps.Keys(m.objects)) {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	return names
}

func (m *memory) text(name string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.objects[name].text
}
