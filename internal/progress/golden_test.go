package progress

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cognito-confirm/ratelimit"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// golden compares a text with a file of testdata, or writes it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
	}
}

var noon = time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)

// running is a run like any other.
func running() View {
	return View{
		Now: noon, Done: 900, Total: 3000,
		Unsuccessful: 13, Causes: map[string]int{"UserNotFoundException": 7, "FORCE_CHANGE_PASSWORD": 4, "UserLambdaValidationException": 1, "UnexpectedLambdaException": 1},
		Speed: 34.2, Left: 61 * time.Second,
		History:  []float64{12, 16, 20, 24, 28, 32, 34, 34, 33, 34, 34},
		Pace:     ratelimit.State{Rate: 34.2, Ceiling: 36, Reason: ratelimit.Cruising, Answered: 903, Throttled: 3},
		InFlight: 29, Concurrency: 256,
		StallTimeout: 5 * time.Minute,
	}
}

// views are the runs that the golden files show.
func views() []struct {
	name string
	View View
} {
	with := func(change func(*View)) View {
		v := running()
		change(&v)
		return v
	}
	return []struct {
		name string
		View View
	}{
		{"cruising below the quota that was found", running()},
		{"the first second", with(func(v *View) {
			*v = View{Now: noon, Total: 3000, Left: -1, Concurrency: 256, Pace: ratelimit.State{Rate: 40, Reason: ratelimit.Finding}, Bounds: Bounds{Cap: 40}}
		})},
		{"one of everything", with(func(v *View) {
			v.Done, v.Total, v.Unsuccessful, v.InFlight, v.Left = 1, 1, 1, 1, 0
			v.Causes = map[string]int{"malformed_record": 1}
			v.Pace.Throttled, v.Speed = 1, 0.4
		})},
		{"cruising below a quota that is known", with(func(v *View) { v.Quota = 50 })},
		{"at a quota that is known", with(func(v *View) {
			v.Quota, v.Pace = 50, ratelimit.State{Rate: 47.5, Reason: ratelimit.Capped, Answered: 903}
		})},
		{"at a fixed rate", with(func(v *View) {
			v.Cap, v.Pace = 40, ratelimit.State{Rate: 40, Reason: ratelimit.Finding, Answered: 903}
		})},
		{"at a fixed rate below the quota that was found", with(func(v *View) {
			v.Cap, v.Pace.Reason = 33.5, ratelimit.Capped
		})},
		{"finding the quota", with(func(v *View) {
			v.Pace = ratelimit.State{Rate: 60, Reason: ratelimit.Finding, Answered: 903}
		})},
		{"probing", with(func(v *View) { v.Pace.Reason = ratelimit.Probing })},
		{"yielding", with(func(v *View) { v.Pace.Reason = ratelimit.Yielding })},
		{"held back by failures", with(func(v *View) { v.Pace.Reason = ratelimit.Failing })},
		{"limited by the calls in flight", with(func(v *View) {
			v.Concurrency, v.Pace.Reason, v.Pace.Ceiling = 32, ratelimit.Limited, 0
		})},
		{"limited by the input", with(func(v *View) { v.Pace.Reason, v.Pace.Ceiling = ratelimit.Limited, 0 })},
		{"only marks are left", with(func(v *View) {
			v.Cap, v.VerifyCap, v.Speed = 300, 25, 0
			v.Pace = ratelimit.State{Rate: 300, Reason: ratelimit.Finding, Answered: 903}
			v.Marking = ratelimit.State{Rate: 25, Reason: ratelimit.Capped}
		})},
		{"right after an outage", with(func(v *View) {
			v.IsNew, v.Speed, v.Left, v.History, v.Pace.Reason = true, 0, -1, nil, ratelimit.Limited
		})},
		{"limited by marking", with(func(v *View) {
			v.Cap, v.Pace = 40, ratelimit.State{Rate: 40, Reason: ratelimit.Limited}
			v.Marking, v.VerifyCap = ratelimit.State{Rate: 20, Reason: ratelimit.Capped}, 20
		})},
		{"calls that fail", with(func(v *View) {
			v.Failures, v.LastCode, v.Pace.Reason, v.Pace.Ceiling = 2, "connection", ratelimit.Limited, 0
		})},
		{"one call that failed", with(func(v *View) { v.Failures, v.LastCode = 1, "connection" })},
		{"an outage", with(func(v *View) {
			v.Outage, v.LastCode = noon.Add(-118*time.Second), "connection"
		})},
		{"an outage without a code", with(func(v *View) { v.Outage = noon.Add(-5 * time.Second) })},
		{"after a signal", with(func(v *View) { v.Ending = true })},
		{"after a signal, with one call left", with(func(v *View) { v.Ending, v.InFlight = true, 1 })},
		{"counting", with(func(v *View) { v.Counting, v.Total, v.Left = true, 1_234_567, -1 })},
		{"a total that is not known", with(func(v *View) { v.Total, v.Left = 0, -1 })},
		{"resumed, just now", with(func(v *View) {
			v.Done, v.Left, v.History, v.Speed = 2400, -1, nil, 34
		})},
		{"ten million rows", with(func(v *View) {
			v.Done, v.Total, v.Unsuccessful = 9_999_999, 10_000_000, 1_234_567
			v.Causes = map[string]int{"UserNotFoundException": 1_234_000, "FORCE_CHANGE_PASSWORD": 567}
			v.Left, v.Speed, v.Pace.Ceiling = 76*time.Hour, 4988, 5003
			v.Pace.Throttled, v.InFlight = 12_345, 1000
		})},
	}
}

// TestFrames shows each run at each width, with an edge to see what fits.
func TestFrames(t *testing.T) {
	var all strings.Builder
	for _, run := range views() {
		fmt.Fprintf(&all, "== %s\n", run.name)
		for _, width := range []int{120, 80, 40, 20} {
			for _, line := range run.View.Lines(width) {
				if n := columns(line); n > width {
					t.Errorf("%s: %q takes %d columns of %d", run.name, line, n, width)
				}
				fmt.Fprintf(&all, "%s%s|\n", line, strings.Repeat(" ", max(0, width-columns(line))))
			}
		}
	}
	golden(t, "frames.golden.txt", all.String())
}

// lineWidth is what the prefix of a line leaves of 100 characters.
const lineWidth = 100 - len("cognito-confirm: ")

func TestLines(t *testing.T) {
	var all strings.Builder
	for _, run := range views() {
		line := run.View.Line(lineWidth)
		if n := len([]rune(line)); n > lineWidth {
			t.Errorf("%s: %q has %d characters", run.name, line, n)
		}
		fmt.Fprintf(&all, "== %s\ncognito-confirm: %s\n", run.name, line)
	}
	golden(t, "lines.golden.txt", all.String())
}

// TestNeverWider looks at every width that there may be.
func TestNeverWider(t *testing.T) {
	reading := Reading{What: "reading the report", Now: noon, Began: noon.Add(-time.Minute), Read: 34e6, Size: 100e6, Rows: 340_000}
	for width := 1; width <= 200; width++ {
		lines := append(reading.Lines(width), reading.Line(width))
		for _, run := range views() {
			lines = append(append(lines, run.View.Line(width)), run.View.Lines(width)...)
		}
		for _, line := range lines {
			if n := columns(line); n > width || line == "" || strings.ContainsAny(line, "\n\x1b") {
				t.Errorf("%q takes %d columns of %d", line, n, width)
			}
		}
	}
}

// TestOtherAlphabets: what takes two columns counts twice.
func TestOtherAlphabets(t *testing.T) {
	if got, want := fit(9, said(0, "", "世界世界世界")), "世界世界…"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestReading(t *testing.T) {
	known := Reading{What: "reading the report", Now: noon, Began: noon.Add(-time.Minute), Read: 34e6, Size: 100e6, Rows: 340_000}
	readings := []struct {
		name    string
		reading Reading
	}{
		{"a report", known},
		{"just begun", Reading{What: "reading the input", Now: noon, Began: noon, Size: 100e6}},
		{"a pipe", Reading{What: "reading standard input", Now: noon, Began: noon.Add(-time.Minute), Read: 999, Rows: 1}},
		{"nothing to be counted", Reading{What: "getting credentials", Now: noon, Began: noon.Add(-time.Minute)}},
		{"a file that has grown", Reading{What: "reading the input", Now: noon, Began: noon.Add(-time.Minute), Read: 101e6, Size: 100e6, Rows: 1}},
	}
	var all strings.Builder
	for _, r := range readings {
		fmt.Fprintf(&all, "== %s\ncognito-confirm: %s\n", r.name, r.reading.Line(lineWidth))
		for _, width := range []int{80, 40, 20} {
			for _, line := range r.reading.Lines(width) {
				fmt.Fprintf(&all, "%s%s|\n", line, strings.Repeat(" ", max(0, width-columns(line))))
			}
		}
	}
	golden(t, "reading.golden.txt", all.String())
}

func TestIntro(t *testing.T) {
	known := Intro{
		Rows: 3000, Input: "users.csv", Report: "users.report.csv",
		UserPoolID: "eu-west-1_Ab12Cd34E", Region: "eu-west-1", Credentials: "EnvConfigCredentials",
		Bounds: Bounds{Cap: 40}, QuotaName: "UserCreation", Now: noon,
	}
	with := func(change func(*Intro)) Intro {
		i := known
		change(&i)
		return i
	}
	intros := []struct {
		name  string
		intro Intro
	}{
		{"the total is known", known},
		{"one row", with(func(i *Intro) { i.Rows = 1 })},
		{"counting", with(func(i *Intro) { i.Counting, i.Rows = true, 0 })},
		{"resumed, from a pipe", with(func(i *Intro) { i.Input, i.Rows, i.Done = "standard input", 0, 1200 })},
		{"finding the quota", with(func(i *Intro) { i.Cap = 0 })},
		{"a quota that is known", with(func(i *Intro) { i.Quota = 50 })},
		{"as fast as a quota that is known", with(func(i *Intro) { i.Quota, i.Cap = 50, 0 })},
		{"above a quota that is known, in shards", with(func(i *Intro) { i.Quota, i.Cap, i.Shards = 50, 20, 4 })},
		{"marking", with(func(i *Intro) { i.MarkVerified, i.VerifyCap = []string{"email", "phone_number"}, 20 })},
		{"marking as fast as it goes, in shards", with(func(i *Intro) { i.MarkVerified, i.Shards = []string{"email"}, 2 })},
		{"within bounds", with(func(i *Intro) { i.Limit, i.Until = 100, noon.Add(18*time.Hour) })},
		{"credentials that last", with(func(i *Intro) { i.Expires = noon.Add(2 * time.Minute) })},
		{"credentials that do not last", with(func(i *Intro) { i.Expires = noon.Add(time.Minute) })},
		{"credentials that are no more", with(func(i *Intro) { i.Expires = noon })},
		{"credentials that may not last", with(func(i *Intro) { i.Expires, i.Counting, i.Rows = noon.Add(time.Hour), true, 0 })},
	}
	var all strings.Builder
	for _, i := range intros {
		fmt.Fprintf(&all, "== %s\n", i.name)
		for _, width := range []int{0, 80} {
			fmt.Fprintf(&all, "%s\n", strings.Join(i.intro.Lines(width), "\n"))
		}
	}
	golden(t, "intro.golden.txt", all.String())
}

func TestNews(t *testing.T) {
	calm := running()
	down := calm
	down.Outage, down.LastCode = noon, "InternalErrorException"
	away := down
	away.LastCode = codeStore
	still := down
	still.Now = noon.Add(125 * time.Second)
	over := still
	over.Outage = time.Time{}
	again := still
	again.Outage, again.LastCode = still.Now, ""
	for _, test := range []struct {
		name        string
		before, now View
		want        []string
	}{
		{"nothing", calm, calm, nil},
		{"begun", calm, down, []string{"nothing gets through: the last call ended with InternalError; all rows wait, and one at a time tries whether it is over"}},
		{"begun at the bucket", calm, away, []string{"nothing gets through: the bucket of the report does not answer; all rows wait"}},
		{"going on", down, still, nil},
		{"over", down, over, []string{"calls get through again, after 2m05s"}},
		{"over and begun again between two looks", down, again, []string{"calls get through again, after 2m05s", "nothing gets through; all rows wait, and one at a time tries whether it is over"}},
	} {
		if got := News(test.before, test.now); strings.Join(got, "\n") != strings.Join(test.want, "\n") {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestFields(t *testing.T) {
	v := running()
	if got, want := fmt.Sprint(v.Fields()), "[rows=900 answered=903 throttled=3 rate=34.2 ceiling=36 reason=cruising below it in_flight=29 total=3000]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	v.Quota = 50
	if got, want := fmt.Sprint(v.Fields()[8:]), "[quota=50]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	v.Counting = true
	if got := fmt.Sprint(v.Fields()); strings.Contains(got, "total") {
		t.Errorf("a total that is not known: %s", got)
	}
}

func TestPaceInWords(t *testing.T) {
	cruising := ratelimit.State{Rate: 34.2, Ceiling: 36, Reason: ratelimit.Cruising}
	for _, test := range []struct {
		view View
		want string
	}{
		{View{Pace: cruising}, "34/s of 36/s found, cruising below it"},
		{View{Pace: cruising, Bounds: Bounds{Quota: 50}}, "34/s of 36/s found, quota 50, cruising below it"},
		{View{Pace: ratelimit.State{Rate: 40, Reason: ratelimit.Finding}, Bounds: Bounds{Cap: 40}}, "40/s at --rate 40"},
		{View{Pace: ratelimit.State{Rate: 120, Reason: ratelimit.Finding}}, "120/s, finding the quota"},
		{View{Pace: ratelimit.State{Rate: 25, Reason: ratelimit.Finding}, Bounds: Bounds{Quota: 50}}, "25/s, quota 50, finding what others leave of it"},
		{View{Pace: ratelimit.State{Rate: 47.5, Reason: ratelimit.Capped}, Bounds: Bounds{Quota: 50}}, "48/s, quota 50, as fast as the quota allows"},
		{View{Pace: ratelimit.State{Rate: 40, Reason: ratelimit.Capped}, Bounds: Bounds{Cap: 40, Quota: 50}}, "40/s at --rate 40, quota 50"},
		{View{Pace: ratelimit.State{Rate: 47.5, Reason: ratelimit.Capped}, Bounds: Bounds{Cap: 60, Quota: 50}}, "48/s, quota 50, as fast as the quota allows"},
		{View{Pace: ratelimit.State{Rate: 40, Reason: ratelimit.Limited}, Marking: ratelimit.State{Rate: 10, Reason: ratelimit.Capped}, Bounds: Bounds{Cap: 40, VerifyCap: 10, Shards: 2}},
			"40/s at --rate 80/2, limited by --verify-rate 20/2"},
		{View{Pace: ratelimit.State{Rate: 40, Reason: ratelimit.Limited}, Marking: ratelimit.State{Rate: 24, Reason: ratelimit.Cruising}, Bounds: Bounds{Cap: 40}},
			"40/s at --rate 40, limited by the quota for marking as verified"},
		{View{Pace: ratelimit.State{Rate: 40, Reason: ratelimit.Limited}, Marking: ratelimit.State{Rate: 60}, Bounds: Bounds{Cap: 40}},
			"40/s at --rate 40, limited by concurrency or latency"},
		{View{Pace: ratelimit.State{Rate: 250, Reason: ratelimit.Limited}, Bounds: Bounds{Cap: 500}}, "250/s at --rate 500, limited by concurrency or latency"},
		{View{Pace: ratelimit.State{Rate: 13.33, Reason: ratelimit.Capped}, Bounds: Bounds{Cap: 40.0 / 3, Shards: 3}}, "13/s at --rate 40/3"},
		{View{Pace: ratelimit.State{Rate: 11.875, Reason: ratelimit.Capped}, Bounds: Bounds{Cap: 60.0 / 4, Shards: 4, Quota: 50}}, "12/s, quota 50, as fast as the quota allows"},
		{View{Pace: ratelimit.State{Rate: 20.5, Reason: ratelimit.Capped}, Bounds: Bounds{Cap: 20.5, Shards: 1}}, "21/s at --rate 20.5"},
	} {
		if got := PaceInWords(test.view); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

func TestListing(t *testing.T) {
	known := Listing{What: "listing users", Now: noon, Began: noon.Add(-time.Minute), Users: 71_940, Pages: 1199, Total: 1_000_000, Throttled: 3}
	failing, short := known, known
	failing.Failures, failing.LastCode = 2, "InternalErrorException"
	short.Users = 1_000_020
	var all strings.Builder
	for _, l := range []struct {
		name    string
		listing Listing
	}{
		{"a pool", known},
		{"a service that fails", failing},
		{"a pool that has grown", short},
		{"just begun", Listing{What: "listing users", Now: noon, Began: noon, Total: 1_000_000}},
		{"a pool of which nobody knows how many", Listing{What: "listing users", Now: noon, Began: noon.Add(-time.Minute), Users: 1, Pages: 1}},
	} {
		fmt.Fprintf(&all, "== %s\ncognito-confirm: %s\n", l.name, l.listing.Line(lineWidth))
		for _, width := range []int{100, 80, 40, 20} {
			for _, line := range l.listing.Lines(width) {
				fmt.Fprintf(&all, "%s%s|\n", line, strings.Repeat(" ", max(0, width-columns(line))))
			}
		}
	}
	golden(t, "listing.golden.txt", all.String())
}
