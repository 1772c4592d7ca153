package main

import (
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // also where there is none, as in a container
)

// TestUntil: the next moment at which the clock shows the time, whatever day that
// is on and however long that day.
func TestUntil(t *testing.T) {
	const layout = "2006-01-02 15:04:05 -0700"
	for _, test := range []struct{ zone, now, until, want string }{
		{"UTC", "2026-11-26 05:59:59 +0000", "06:00", "2026-11-26 06:00:00 +0000"},
		{"UTC", "2026-11-26 06:00:00 +0000", "06:00", "2026-11-27 06:00:00 +0000"},
		{"UTC", "2026-11-26 22:00:05 +0000", "06:00", "2026-11-27 06:00:00 +0000"},
		{"UTC", "2026-12-31 22:00:00 +0000", "0:00", "2027-01-01 00:00:00 +0000"},
		// 29 March: 02:00 is 03:00. 25 October: 03:00 is 02:00.
		{"Europe/Berlin", "2026-03-28 22:00:00 +0100", "06:00", "2026-03-29 06:00:00 +0200"},
		{"Europe/Berlin", "2026-10-24 22:00:00 +0200", "06:00", "2026-10-25 06:00:00 +0100"},
		{"Europe/Berlin", "2026-10-25 01:00:00 +0200", "02:30", "2026-10-25 02:30:00 +0200"},
		{"Europe/Berlin", "2026-10-25 02:45:00 +0200", "02:30", "2026-10-25 02:30:00 +0100"},
		{"Europe/Berlin", "2026-10-25 02:10:00 +0100", "02:30", "2026-10-25 02:30:00 +0100"},
		{"Europe/Berlin", "2026-10-25 02:45:00 +0100", "02:30", "2026-10-26 02:30:00 +0100"},
		{"Europe/Berlin", "2026-03-29 01:00:00 +0100", "02:30", "2026-03-29 03:30:00 +0200"}, // which is when it would have been
		{"Australia/Lord_Howe", "2026-04-05 01:40:00 +1100", "01:35", "2026-04-05 01:35:00 +1030"},
	} {
		zone, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		now, err := time.Parse(layout, test.now)
		if err != nil {
			t.Fatal(err)
		}
		until := parsed(t, nil, "users.csv", "--user-pool-id", testPool, "--until", test.until).Run.Until
		if got := until.next(now.In(zone)).Format(layout); got != test.want {
			t.Errorf("%s in %s, until %s: %s, want %s", test.now, test.zone, test.until, got, test.want)
		}
	}
}

// TestEndOfARun: the earlier one counts.
func TestEndOfARun(t *testing.T) {
	now := time.Date(2026, 11, 26, 5, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		flags []string
		want  time.Time
	}{
		{nil, time.Time{}},
		{[]string{"--for", "90m"}, now.Add(90 * time.Minute)},
		{[]string{"--for", "90m", "--until", "06:00"}, now.Add(time.Hour)},
		{[]string{"--for", "30m", "--until", "06:00"}, now.Add(30 * time.Minute)},
	} {
		bounds := parsed(t, nil, append([]string{"users.csv", "--user-pool-id", testPool}, test.flags...)...).Run.boundsFlags
		if got := bounds.end(now); !got.Equal(test.want) {
			t.Errorf("%q: %v, want %v", test.flags, got, test.want)
		}
	}
}

func TestWithoutLimit(t *testing.T) {
	for _, test := range []struct{ args, want []string }{
		{[]string{"run", "--limit", "10", "users.csv", "--until", "06:00"}, []string{"run", "users.csv", "--until", "06:00"}},
		{[]string{"run", "--limit=10", "users.csv"}, []string{"run", "users.csv"}},
		{[]string{"run", "users.csv", "--limit"}, []string{"run", "users.csv"}},
		{[]string{"run", "--", "--limit"}, []string{"run", "--", "--limit"}},
		{[]string{"run", "--limit", "1", "--limit=2", "--limit", "3", "u"}, []string{"run", "u"}},
	} {
		if got := withoutLimit(test.args); !slices.Equal(got, test.want) {
			t.Errorf("%q: %q, want %q", test.args, got, test.want)
		}
	}
}
