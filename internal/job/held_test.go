package job

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/lease"
	"cognito-confirm/internal/rows"
	"cognito-confirm/internal/store"
	"cognito-confirm/ratelimit"
)

// sectionsOf returns the sections of an object, with this number of rows in each.
func sectionsOf(t *testing.T, object *store.Object, each int) (sections []rows.Section) {
	t.Helper()
	in, err := rows.Open(t.Context(), rows.Options{Path: "input.csv", Object: object})
	if err != nil {
		t.Fatal(err)
	}
	from := in.Start()
	for n := 1; ; n++ {
		_, err := in.Next()
		if errors.Is(err, io.EOF) {
			return append(sections, rows.Section{From: from, To: object.Size()})
		}
		if err != nil {
			t.Fatal(err)
		}
		if place, ok := in.Mark(); ok && n%each == 0 {
			sections = append(sections, rows.Section{From: from, To: place.Offset})
			from = place
		}
	}
}

// heldLease is one that a test keeps until stop is called.
func heldLease() (l *lease.Lease, stop func()) {
	l, done := lease.New(store.LeaseLength), make(chan struct{})
	l.Renew(time.Now())
	go func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Second):
				l.Renew(time.Now())
			}
		}
	}()
	return l, func() { close(done) }
}

var errTakenOver = errors.New("taken over")

// TestHeld runs the sections of an input as a driver does that keeps the lease
// itself: one attempt loses it in the middle, is frozen for a while, and the next one
// goes on from its journal.
func TestHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const users, each = 1800, 800
		b := newBench(t.TempDir())
		s, err := store.OpenDirectory(b.path("store"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Write(t.Context(), "run/input.csv", strings.NewReader(usersCSV(users)), store.Attributes{}); err != nil {
			t.Fatal(err)
		}
		object, err := store.OpenObject(t.Context(), s, "run/input.csv", 0)
		if err != nil {
			t.Fatal(err)
		}
		options := func(name string, section rows.Section, l *lease.Lease) Options {
			o := b.options()
			o.Input = rows.Options{Path: "input.csv", Object: object, Section: &section}
			o.Held, o.Report, o.Events = &Held{s, l}, name, NoEvents
			o.Resume, o.Rate, o.Scratch, o.Pool.Concurrency = true, 38, b.path("."), 8
			return o
		}
		sections := sectionsOf(t, object, each)
		if len(sections) != 3 {
			t.Fatalf("%d sections", len(sections))
		}
		var lines []string
		for i, section := range sections {
			name := []string{"run/0.report.csv", "run/1.report.csv", "run/2.report.csv"}[i]
			if i == 1 {
				l, stop := heldLease()
				a := start(t, options(name, section, l))
				time.Sleep(4 * time.Second)
				stop() // frozen, or cut off
				time.Sleep(20 * time.Second)
				before := len(b.server.Calls())
				l.Lose(errTakenOver)
				if err := <-a.done; !errors.Is(err, errTakenOver) {
					t.Errorf("the first attempt ends with %v", err)
				}
				if now := len(b.server.Calls()); now != before {
					t.Errorf("%d calls without the lease", now-before)
				}
			}
			l, stop := heldLease()
			o := options(name, section, l)
			o.Rate, o.Start = 0, ratelimit.State{Rate: 38, Ceiling: 40}
			j := open(t, o)
			if rate := j.Snapshot().Limiter.Rate; rate < 30 || rate > 40 {
				t.Errorf("section %d begins with %v calls a second", i, rate)
			}
			if err := j.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			stop()
			info, err := s.Stat(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			text, err := s.Read(t.Context(), name, info, 0, info.Size)
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, slices.Collect(strings.Lines(string(text)))[1:]...)
		}
		if calls := len(b.server.Calls()); calls != users || len(lines) != users {
			t.Errorf("%d calls and %d lines for %d users", calls, len(lines), users)
		}
		seen := make(map[string]bool)
		for _, line := range lines {
			if fields := strings.Split(line, ","); fields[2] == "confirmed" {
				seen[fields[0]+","+fields[1]] = true
			}
		}
		for i, line := range slices.Collect(strings.Lines(usersCSV(users)))[1:] {
			if row := strings.TrimSpace(line); !seen[strconv.Itoa(i+2)+","+row] {
				t.Errorf("line %d is not in the report as confirmed", i+2)
			}
		}
		names, err := s.List(t.Context(), "")
		if want := []string{"run/0.report.csv", "run/1.report.csv", "run/2.report.csv", "run/input.csv"}; err != nil || !slices.Equal(names, want) {
			t.Errorf("in the store: %q, %v", names, err)
		}
	})
}
