package worker

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestPick is what the queue hands out first. A task is named by its username;
// "late" ones wait for a retry that is due, "soon" ones for one that is not.
func TestPick(t *testing.T) {
	type late struct {
		name    string
		due     time.Duration // from now
		through bool          // something got through since it failed
		madeWay bool
		suspect bool
	}
	tests := []struct {
		name    string
		back    []string
		fresh   []string
		later   []late
		others  int // unfinished tasks elsewhere
		outage  bool
		want    string
		gaveUp  bool
		probing bool
	}{
		{name: "nothing", want: ""},
		{name: "a new row", fresh: []string{"new", "newer"}, want: "new"},
		{name: "what was given back comes first", back: []string{"back"}, fresh: []string{"new"}, later: []late{{name: "late", through: true}}, want: "back"},
		{name: "a retry that is due comes before a new row", fresh: []string{"new"}, later: []late{{name: "late", through: true}}, want: "late"},
		{name: "the one that is due first", later: []late{{name: "second", due: -1, through: true}, {name: "first", due: -2, through: true}}, want: "first"},
		{name: "of equals the one that failed first", later: []late{{name: "first", due: -1, through: true}, {name: "second", due: -1, through: true}, {name: "third", due: -1, through: true}}, want: "first"},
		{name: "none before it is due", later: []late{{name: "soon", due: time.Second, through: true}}, want: ""},
		{name: "but a new row meanwhile", fresh: []string{"new"}, later: []late{{name: "soon", due: time.Second}}, want: "new"},
		{name: "not beside too many retries", fresh: []string{"new"}, later: []late{{name: "a", due: time.Second}, {name: "b", due: time.Second}}, want: ""},
		{name: "a retry makes way when nothing got through", fresh: []string{"new"}, later: []late{{name: "late"}}, want: "new"},
		{name: "however many there are", fresh: []string{"new"}, later: []late{{name: "late"}, {name: "b", due: time.Second}}, want: "new"},
		{name: "but once", fresh: []string{"new"}, later: []late{{name: "late", madeWay: true}}, want: "late"},
		{name: "and not for nobody", later: []late{{name: "late"}}, want: "late"},

		{name: "a suspect among suspects is given up", later: []late{{name: "late", suspect: true}, {name: "b", due: time.Second, suspect: true}}, want: "late", gaveUp: true},
		{name: "not while another may tell", later: []late{{name: "late", suspect: true}}, others: 1, want: "late"},
		{name: "nor one that is none", later: []late{{name: "late"}, {name: "b", due: time.Second, suspect: true}}, want: "late"},
		{name: "nor when something got through", later: []late{{name: "late", suspect: true, through: true}}, want: "late"},

		{name: "a new row probes", outage: true, fresh: []string{"new"}, later: []late{{name: "late"}}, want: "new", probing: true},
		{name: "else the retry that is due first, due or not", outage: true, later: []late{{name: "soon", due: time.Second}}, want: "soon", probing: true},
		{name: "an invalid row is no probe", outage: true, fresh: []string{"invalid"}, want: "invalid"},
		{name: "nor is one that is given up", outage: true, later: []late{{name: "soon", due: time.Second, suspect: true}}, want: "soon", gaveUp: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Hour)
				now := time.Now()
				h := newHealth(1, Options{Jitter: func(time.Duration) time.Duration { return 0 }}.WithDefaults(), nil)
				h.watch(t.Context())
				defer h.idle()
				h.release(now)
				h.steps[0].through = now.Add(-time.Minute)
				if test.outage {
					for range outageAfter {
						h.observe(&rowHealth{}, now, false, Answer{})
					}
				}
				q := newQueue(2, h)
				defer q.close()
				for _, name := range test.fresh {
					row := Row{Username: name}
					if name == "invalid" {
						row.Invalid = &Invalid{}
					}
					if err := q.put(t.Context(), row); err != nil {
						t.Fatal(err)
					}
				}
				for _, name := range test.back {
					q.giveBack(&task{result: Result{Row: Row{Username: name}}})
				}
				for _, l := range test.later {
					failed := now.Add(-time.Second)
					if l.through {
						failed = now.Add(-time.Hour)
					}
					q.retry(&task{
						result: Result{Row: Row{Username: l.name}}, rowHealth: rowHealth{failedAt: failed}, suspect: l.suspect, madeWay: l.madeWay,
					}, now.Add(l.due))
				}
				q.unfinished = len(test.back) + len(test.later) + test.others
				q.mu.Lock()
				next := q.pick(now, new(task))
				q.mu.Unlock()
				got := ""
				if next.task != nil {
					got = next.task.result.Row.Username
				}
				if got != test.want || next.gaveUp != test.gaveUp || next.probing != test.probing {
					t.Errorf("took %q, gave up %v, probing %v", got, next.gaveUp, next.probing)
				}
				if got == "" && len(test.later) > 0 && !q.alarmAt.Equal(now.Add(test.later[0].due)) {
					t.Errorf("the alarm is at %v", q.alarmAt)
				}
			})
		})
	}
}

// TestOneProbeAtATime: the next probe comes when the one before has failed, after a
// wait that doubles.
func TestOneProbeAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHealth(1, Options{Jitter: func(ceiling time.Duration) time.Duration { return ceiling }}.WithDefaults(), nil)
		h.watch(t.Context())
		defer h.idle()
		start := time.Now()
		h.release(start)
		for range outageAfter {
			h.observe(&rowHealth{}, start, false, Answer{})
		}
		for _, wait := range []time.Duration{200, 400, 800} {
			wait *= time.Millisecond
			if _, at := h.held(); at.Sub(start) != wait {
				t.Errorf("the next probe after %v, want %v", at.Sub(start), wait)
			}
			if !h.probe() {
				t.Fatal("no probe")
			}
			if held, at := h.held(); !held || !at.IsZero() {
				t.Errorf("held %v, another probe at %v while one is under way", held, at)
			}
			if h.observe(&rowHealth{}, start, false, Answer{}) {
				t.Error("a late failure of before counts as the probe's")
			}
			if !h.observe(&rowHealth{}, start, true, Answer{}) {
				t.Error("nobody is told that the probe has failed")
			}
		}
	})
}
