//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pageStart is when the report of the page begins.
var pageStart = time.Date(2026, 11, 26, 1, 40, 0, 0, time.UTC)

// secondOf returns the time of a second of the report.
func secondOf(second int) string {
	return pageStart.Add(time.Duration(second) * time.Second).Format("2006-01-02T15:04:05.000Z")
}

// writePageReport writes a report of 200 seconds with 30 rows in each, but for
// an outage from 120 to 160. From 40 to 60 calls are throttled, from 80 to 100
// users are not found. It returns how many of those there are.
func writePageReport(t *testing.T, dir string) (notFound int) {
	t.Helper()
	var report strings.Builder
	report.WriteString("line,username,status,code,message,attempts,throttled,request_id,started_at,duration_ms,user_status,user_pool_id\n")
	line := 1
	for second := range 200 {
		for i := range 30 {
			if second >= 120 && second < 160 {
				continue
			}
			line++
			status, attempts, throttled := "confirmed,,", 1, 0
			switch {
			case second >= 80 && second < 100 && i == 0:
				status = "failed,UserNotFoundException,User does not exist." + strings.Repeat("x", 20*(second-80))
				notFound++
			case i == 1 && second%10 == 0:
				status = "trigger_failed,UserLambdaValidationException,PostConfirmation failed with error <b>none</b>."
			case second >= 40 && second < 60:
				attempts, throttled = 2, 1
			}
			fmt.Fprintf(&report, "%d,user%d@example.com,%s,%d,%d,request-%d,%s,%d,,%s\n", line, line, status, attempts, throttled, line, secondOf(second), 40+i, poolID)
		}
	}
	events := fmt.Sprintf(`{"t":%q,"event":"run","pool":%q,"rate":0,"pace":"polite"}`+"\n", secondOf(0), poolID)
	for second := 0; second < 200; second += 10 {
		events += fmt.Sprintf(`{"t":%q,"event":"sample","ceiling":35}`+"\n", secondOf(second))
	}
	events += fmt.Sprintf(`{"t":%q,"event":"outage","began_at":%q,"code":"connection"}`+"\n", secondOf(122), secondOf(120)) +
		fmt.Sprintf(`{"t":%q,"event":"outage_over","seconds":40}`+"\n", secondOf(160)) +
		fmt.Sprintf(`{"t":%q,"event":"end","outcome":"finished","numbers":{"rows":%d}}`+"\n", secondOf(200), line-1)
	for name, text := range map[string]string{"users.report.csv": report.String(), "users.events.jsonl": events} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return notFound
}

// probe asks whether a shape of a chart is at a second and a share of the height.
type probe struct {
	Chart string  `json:"chart"`
	Shape string  `json:"shape"`
	X     float64 `json:"x"`
	Y     float64 `json:"y"`
	want  bool
}

func probeAt(chart, shape string, second, height float64, want bool) probe {
	// The last bin is that of the end of the run.
	return probe{chart, shape, second / 201, height, want}
}

// probes are where the report has something to show, and where it has not.
func probes() []probe {
	const done, throttled, failed = "Rows done a second", "Throttled calls a second", "Rows that did not succeed a second"
	return []probe{
		probeAt(done, ".area.done", 20.5, 0.6, true),
		probeAt(done, ".area.done", 20.5, 0.9, false),
		probeAt(done, ".area.done", 140.5, 0.1, false),
		probeAt(done, ".area.done", 180.5, 0.6, true),
		probeAt(done, ".band.outage", 140.5, 0.5, true),
		probeAt(done, ".band.outage", 100.5, 0.5, false),
		probeAt(throttled, ".bars.throttled", 50.4, 0.5, true),
		probeAt(throttled, ".bars.throttled", 30.4, 0.01, false),
		probeAt(failed, ".bars.failed", 90.4, 0.3, true),
		probeAt(failed, ".bars.failed", 110.4, 0.01, false),
		probeAt(failed, ".bars.trigger-failed", 110.4, 0.3, true),
	}
}

// look is the page in one colour scheme at one width.
type look struct {
	ColorScheme string
	Width       int
	Violations  []string
	Scrolls     int
	Background  string
	Cut         []string
}

// seen is what the browser saw.
type seen struct {
	Looks              []look
	Requests, Messages []string
	Marks              []bool
	Shapes             []struct {
		Chart  string
		Shapes []struct {
			Name  string
			Width float64
		}
	}
	Rows, Found, FoundNone, FoundAll int
	FoundText, WithoutScript         string
}

// lookAt opens the page in a browser.
func lookAt(t *testing.T, dir, page, search string) (s seen) {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("%v: it is the package chromium of Debian", err)
	}
	asked, err := json.Marshal(probes())
	if err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs("testdata/page.mjs")
	if err != nil {
		t.Fatal(err)
	}
	got := finish(t, newCommand(t, dir, nil, "node", script, built(t, ".ci/node_modules"), chromium, filepath.Join(dir, page), filepath.Join(dir, "page.pdf"), string(asked), search))
	if got.status != 0 {
		t.Fatalf("exit status %d\n%s", got.status, got.stderr)
	}
	if err := json.Unmarshal([]byte(got.stdout), &s); err != nil {
		t.Fatalf("%v\n%s", err, got.stdout)
	}
	return s
}

// TestPage looks at the page of a report as a person does, in a real browser.
func TestPage(t *testing.T) {
	dir := t.TempDir()
	notFound := writePageReport(t, dir)
	if got := finish(t, newCommand(t, dir, nil, "cognito-confirm", "html", "users.report.csv")); got.status != 0 {
		t.Fatalf("exit status %d\n%s", got.status, got.stderr)
	}
	s := lookAt(t, dir, "users.report.html", "usernotfound")
	s.checkLooks(t)
	s.checkCharts(t)

	for _, request := range s.Requests {
		if !strings.HasSuffix(request, "/users.report.html") || !strings.HasPrefix(request, "file://") {
			t.Errorf("the page asks for %s", request)
		}
	}
	for _, message := range s.Messages {
		t.Errorf("on the console: %s", message)
	}
	const triggerFailed = 16
	if all := notFound + triggerFailed; s.Rows != all || s.Found != notFound || s.FoundNone != 0 || s.FoundAll != all || s.FoundText != fmt.Sprintf("%d of %d", notFound, all) {
		t.Errorf("of %d rows the search finds %d (%s), none of %d, and all %d", s.Rows, s.Found, s.FoundText, s.FoundNone, s.FoundAll)
	}
	checkTexts(t, "without a script", s.WithoutScript)
	pdf := finish(t, newCommand(t, dir, nil, "pdftotext", "-layout", "page.pdf", "-"))
	if pdf.status != 0 {
		t.Fatalf("pdftotext: exit status %d\n%s", pdf.status, pdf.stderr)
	}
	checkTexts(t, "in print", pdf.stdout)
}

// checkTexts checks that the tables are there.
func checkTexts(t *testing.T, where, text string) {
	t.Helper()
	for _, want := range []string{"What did not succeed", "UserLambdaValidationException", "Nobody in this pool", "How long calls took", "p99.9", "The slowest calls", "69 ms",
		"Rows that did not succeed", "<b>none</b>", "Runs", "auto, polite"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s the page has no %q:\n%s", where, want, text)
		}
	}
	if strings.Contains(text, "Find a line") {
		t.Errorf("%s the page has a search box", where)
	}
}

func (s *seen) checkLooks(t *testing.T) {
	t.Helper()
	backgrounds := make(map[string]string)
	for _, look := range s.Looks {
		for _, violation := range look.Violations {
			t.Errorf("%s, %d pixels: %s", look.ColorScheme, look.Width, violation)
		}
		if look.Scrolls > 0 || len(look.Cut) > 0 {
			t.Errorf("%s, %d pixels: it scrolls sideways by %d, %q", look.ColorScheme, look.Width, look.Scrolls, look.Cut)
		}
		backgrounds[look.ColorScheme] = look.Background
	}
	if len(s.Looks) != 4 || backgrounds["light"] == backgrounds["dark"] {
		t.Errorf("%d looks with the backgrounds %v", len(s.Looks), backgrounds)
	}
}

func (s *seen) checkCharts(t *testing.T) {
	t.Helper()
	for i, p := range probes() {
		if s.Marks[i] != p.want {
			t.Errorf("%s: %s at %.0f s and %g of the height: %t, want %t", p.Chart, p.Shape, p.X*201, p.Y, s.Marks[i], p.want)
		}
	}
	if len(s.Shapes) != 4 {
		t.Errorf("%d charts, want 4", len(s.Shapes))
	}
	for _, chart := range s.Shapes {
		if len(chart.Shapes) == 0 {
			t.Errorf("%s has nothing in it", chart.Chart)
		}
		for _, shape := range chart.Shapes {
			if shape.Width < 80 {
				t.Errorf("%s: %s is %g pixels wide", chart.Chart, shape.Name, shape.Width)
			}
		}
	}
}
