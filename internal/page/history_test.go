package page

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cognito-confirm/internal/events"
)

// historyOf reads events, each of which happens a number of seconds after noon.
func historyOf(t *testing.T, lines ...string) *history {
	t.Helper()
	var file strings.Builder
	for _, line := range lines {
		var second int
		var event string
		if _, err := fmt.Sscan(line, &second, &event); err != nil {
			t.Fatal(err)
		}
		_, fields, _ := strings.Cut(line, "{")
		fmt.Fprintf(&file, `{"t":%q,"event":%q,%s`+"\n", noon.Add(time.Duration(second)*time.Second).Format("2006-01-02T15:04:05.000Z"), event, fields)
	}
	h := &history{}
	if err := h.read(t.Context(), strings.NewReader(file.String()), nil); err != nil {
		t.Fatal(err)
	}
	h.finish(newTimeline())
	return h
}

// spans writes spans as seconds after noon.
func spans(all []span) (text string) {
	for _, s := range all {
		text += fmt.Sprintf("%g-%g ", s.from.Sub(noon).Seconds(), s.to.Sub(noon).Seconds())
	}
	return strings.TrimSpace(text)
}

func TestHistory(t *testing.T) {
	for name, test := range map[string]struct {
		events           []string
		runs             int
		pauses, outages  string
		running          time.Duration
		isLastUnfinished bool
	}{
		"two runs":                   {[]string{`0 run {"rate":40}`, `60 end {"outcome":"interrupted"}`, `80 run {"resumed":true}`, `100 end {"outcome":"finished"}`}, 2, "60-80", "", 80 * time.Second, false},
		"one that was killed":        {[]string{`0 run {"rate":40}`, `50 sample {"rows":1}`, `80 run {"resumed":true}`, `90 sample {"rows":1}`}, 2, "50-80", "", 60 * time.Second, true},
		"a report that was replaced": {[]string{`0 run {"rate":40}`, `5 outage {"code":"x"}`, `60 end {"outcome":"finished"}`, `80 run {"resumed":false}`, `100 end {"outcome":"finished"}`}, 1, "", "", 20 * time.Second, false},
		"an outage":                  {[]string{`0 run {"rate":40}`, `30 outage {"began_at":"2026-11-26T12:00:20Z","code":"x"}`, `50 outage_over {"seconds":30}`, `60 end {"outcome":"finished"}`}, 1, "", "20-50", time.Minute, false},
		"one that ended the run":     {[]string{`0 run {"rate":40}`, `30 outage {"code":"x"}`, `60 end {"outcome":"stopped"}`}, 1, "", "30-60", time.Minute, false},
		"one in which it was killed": {[]string{`0 run {"rate":40}`, `30 outage {"code":"x"}`, `40 sample {"rows":1}`, `80 run {"resumed":true}`, `90 end {"outcome":"finished"}`}, 2, "40-80", "30-40", 50 * time.Second, false},
		"told twice":                 {[]string{`0 run {"rate":40}`, `30 outage {"code":"x"}`, `32 outage {"code":"x"}`, `40 outage_over {"seconds":1}`, `41 outage_over {"seconds":1}`, `50 end {"outcome":"finished"}`}, 1, "", "30-40", 50 * time.Second, false},
		"a clock that was set back":  {[]string{`100 run {"rate":40}`, `150 end {"outcome":"interrupted"}`, `90 run {"resumed":true}`, `80 end {"outcome":"finished"}`}, 2, "", "", 50 * time.Second, false},
		"no run":                     {[]string{`0 sample {"rows":1}`, `5 outage {"code":"x"}`, `60 end {"outcome":"finished"}`}, 0, "", "", 0, false},
	} {
		h := historyOf(t, test.events...)
		if len(h.runs) != test.runs || spans(h.pauses()) != test.pauses || spans(h.outages) != test.outages || h.running() != test.running {
			t.Errorf("%s: %d runs for %v, pauses %q, outages %q", name, len(h.runs), h.running(), spans(h.pauses()), spans(h.outages))
		}
		if n := len(h.runs); n > 0 && (h.runs[n-1].end == nil) != test.isLastUnfinished {
			t.Errorf("%s: the last run ended with %v", name, h.runs[n-1].end)
		}
	}
}

// TestManyRuns: an events file grows for years, and the page does not.
func TestManyRuns(t *testing.T) {
	events := []string{`0 run {"resumed":false}`}
	for i := range 2 * maxKept {
		events = append(events, fmt.Sprintf(`%d run {"resumed":true}`, 10*i), fmt.Sprintf(`%d outage {"code":"x"}`, 10*i+1))
	}
	h := historyOf(t, events...)
	if len(h.runs) != maxKept || len(h.outages) != maxKept || h.count != 2*maxKept+1 {
		t.Errorf("%d runs and %d outages are kept of %d", len(h.runs), len(h.outages), h.count)
	}
}

// TestOutcome: the page tells how the last run ended only when the report is as
// that has left it.
func TestOutcome(t *testing.T) {
	const began = `0 run {"rate":40}`
	row := `2,a,confirmed,,,1,0,r,2026-11-26T12:00:01.000Z,40,,`
	failed := `3,b,failed,X,x,1,0,r,2026-11-26T12:00:01.000Z,40,,`
	for name, test := range map[string]struct {
		events []string
		rows   []string
		want   outcome
	}{
		"finished":         {[]string{began, `60 end {"outcome":"finished","numbers":{"rows":1}}`}, []string{row}, outcome{"good", "finished, every row in the report succeeded", ""}},
		"with a failure":   {[]string{began, `60 end {"outcome":"finished","numbers":{"rows":2}}`}, []string{row, failed}, outcome{"warning", "finished, 1 row did not succeed", ""}},
		"stopped":          {[]string{began, `60 end {"outcome":"stopped","reason":"the disk is full","numbers":{"rows":1}}`}, []string{row}, outcome{"bad", "stopped, to be resumed", "The disk is full."}},
		"interrupted":      {[]string{began, `60 end {"outcome":"interrupted","reason":"signal","numbers":{"rows":1}}`}, []string{row}, outcome{"bad", "interrupted, to be resumed", "Signal."}},
		"no end":           {[]string{began, `60 sample {"rows":1}`}, []string{row}, outcome{"warning", "still running, or ended without a word", ""}},
		"changed since":    {[]string{began, `60 end {"outcome":"finished","numbers":{"rows":1}}`}, []string{row, failed}, outcome{"warning", "1 row did not succeed", ""}},
		"no events":        {nil, []string{row}, outcome{"good", "every row in the report succeeded", ""}},
		"a damaged line":   {nil, []string{row, "x"}, outcome{"warning", "every row that can be read succeeded", ""}},
		"only damage":      {nil, []string{"x"}, outcome{"warning", "no row can be read", ""}},
		"damage, finished": {[]string{began, `60 end {"outcome":"finished","numbers":{"rows":2}}`}, []string{row, "x"}, outcome{"warning", "every row that can be read succeeded", ""}},
	} {
		f := newFindings(false)
		if err := f.read(t.Context(), lines(test.rows...).Report); err != nil {
			t.Fatal(err)
		}
		if got := f.outcome(historyOf(t, test.events...)); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func TestRateText(t *testing.T) {
	for want, run := range map[string]events.Run{
		"auto, polite":                       {Pace: "polite"},
		"auto of a quota of 50/s, dedicated": {Pace: "dedicated", Quota: 50},
		"40/s of a quota of 50/s":            {Rate: 40, Quota: 50},
	} {
		if got := rateText(run); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
