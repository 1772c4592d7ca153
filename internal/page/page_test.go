package page

import (
	"context"
	"errors"
	"flag"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"cognito-confirm/internal/events"
	"cognito-confirm/internal/words"
	"cognito-confirm/report"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// drawn returns the page of a report.
func drawn(t *testing.T, o Options) string {
	t.Helper()
	var page strings.Builder
	if _, err := Write(t.Context(), &page, o); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// lines returns options for the page of a report with these lines.
func lines(lines ...string) Options {
	return Options{Report: strings.NewReader(reportHeader + strings.Join(lines, "\n") + "\n"), ReportName: "users.report.csv"}
}

// text returns what a person reads on a page, one space between words.
func text(page string) string {
	page = regexp.MustCompile(`(?s)<(style|script)>.*?</(style|script)>`).ReplaceAllString(page, "")
	page = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")
	return strings.Join(strings.Fields(html.UnescapeString(page)), " ")
}

func wantTexts(t *testing.T, page string, texts ...string) {
	t.Helper()
	read := text(page)
	for _, want := range texts {
		if !strings.Contains(read, want) {
			t.Errorf("the page has no %q:\n%s", want, read)
		}
	}
}

func wantNone(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, unwanted := range texts {
		if strings.Contains(page, unwanted) {
			t.Errorf("the page has %q in it", unwanted)
		}
	}
}

// TestGoldenPage: a page with everything in it, to the byte.
func TestGoldenPage(t *testing.T) {
	got := drawn(t, newExample(4).options(true))
	path := filepath.Join("testdata", "page.golden.html")
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
		t.Errorf("the page is not that of %s; go test -update writes it, and git diff shows the difference", path)
	}
	if !strings.HasPrefix(got, Mark) {
		t.Errorf("it begins with %.80q", got)
	}
}

// TestEverySection of the page is there, with what the example has in it.
func TestEverySection(t *testing.T) {
	e := newExample(4)
	wantTexts(t, drawn(t, e.options(true)),
		"users.csv finished, ", "Pool us-east-1_Emulator0 · 26 Nov 2026 01:39 to 01:46 UTC · 7m15s, of which 6m53s running, in 2 runs",
		"rows "+words.Group(e.line-1)+" confirmed", "They are in users.failed.csv",
		"What did not succeed", "FORCE_CHANGE_PASSWORD", "An administrator made these users",
		"Pace", "Rows done a second", "ceiling found", "outage", "not running", "Throttled calls a second", "Rows that did not succeed a second",
		"How long calls took", "p50 p75 p90 p95 p99 p99.9 slowest",
		"The slowest calls", "Rows that did not succeed", "Runs Began (UTC)", "auto, dedicated interrupted Interrupt.",
		"Made by cognito-confirm from users.report.csv.")
}

// TestWithoutEvents: what the report cannot tell is left out.
func TestWithoutEvents(t *testing.T) {
	page := drawn(t, newExample(4).options(false))
	wantTexts(t, page, "rows did not succeed Pool us-east-1_Emulator0 · 26 Nov 2026 01:39 to 01:46 UTC · 7m07s")
	wantNone(t, text(page), "finished,", "running", "ceiling", "outage", "Runs", "interrupted")
}

func TestReports(t *testing.T) {
	const confirmed = `2,a,confirmed,,,1,0,r-1,2026-11-26T08:00:00.000Z,40,,eu-west-1_A`
	for name, test := range map[string]struct {
		lines []string
		want  []string
		not   []string
	}{
		"no rows": {nil, []string{"no rows yet", "rows 0 confirmed 0", "What did not succeed Nothing."}, []string{"Pace", "How long", "slowest", "NaN", "Inf"}},
		"one row": {[]string{confirmed}, []string{"every row in the report succeeded", "row 1 confirmed 1", "What did not succeed Nothing.", "1 call, 0 of them throttled (0 %).", "The slowest calls"},
			[]string{"How long calls took", "Rows that did not succeed", "NaN", "Inf"}},
		"no times": {[]string{`2,a,failed,UserNotFoundException,User does not exist.,1,0,r,"26.11.2026 08:00",40,,eu-west-1_A`},
			[]string{"1 of 1 row (100 %).", "UserNotFoundException 1 Nobody in this pool"}, []string{"Pace", "slowest"}},
		"damage":           {[]string{confirmed, `3,b,con"fir`, `x`, confirmed}, []string{"2 lines of the report cannot be read and are left out.", "rows 2 "}, nil},
		"one damaged line": {[]string{confirmed, "x"}, []string{"1 line of the report cannot be read and is left out."}, nil},
		"rows that can be tried again": {[]string{confirmed, `3,b,failed,timeout,no answer,8,0,,2026-11-26T08:00:00.000Z,40,,eu-west-1_A`},
			[]string{"1 of 2 rows (50 %). Trying again can help 1 row.", "1 row needed more than one call for another reason"}, nil},
		"a row that is not verified": {[]string{confirmed, `3,b,not_verified,AliasExistsException,taken,2,0,r,2026-11-26T08:00:00.000Z,40,,eu-west-1_A`},
			[]string{"1 row did not succeed", "not verified 1", "AliasExistsException 1 These users are confirmed, but their attributes could not be marked as verified. Another user has the same address"}, nil},
		"two pools": {[]string{confirmed, strings.Replace(confirmed, "_A", "_B", 1)}, []string{"Pool eu-west-1_A, eu-west-1_B · "}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			page := drawn(t, lines(test.lines...))
			wantTexts(t, page, test.want...)
			wantNone(t, text(page), test.not...)
		})
	}
	old := drawn(t, Options{Report: strings.NewReader("line,username,status,code,message,attempts,throttled,request_id,started_at,duration_ms\n" +
		"2,a,confirmed,,,1,0,r-1,2026-11-26T08:00:00.000Z,40\n")})
	wantTexts(t, old, "Report every row in the report succeeded 26 Nov 2026 08:00 UTC · 0 s", "row 1 ")
}

// TestMarksOfEveryRow: two calls for every row are nothing out of the ordinary where the events
// tell of marks.
func TestMarksOfEveryRow(t *testing.T) {
	const row = `2,a,confirmed,,,2,0,r-1,2026-11-26T08:00:00.000Z,40,,eu-west-1_A`
	for marks, odd := range map[string]bool{`,"mark_verified":"email"`: false, ``: true} {
		o := lines(row)
		o.Events = strings.NewReader(`{"t":"2026-11-26T08:00:00.000Z","event":"run","pool":"eu-west-1_A"` + marks + "}\n")
		if got := strings.Contains(text(drawn(t, o)), "needed more than one call"); got != odd {
			t.Errorf("%s: told %v", marks, got)
		}
	}
}

// TestWhere: rows that can be corrected are in a file, and the page names it.
func TestWhere(t *testing.T) {
	const failed, malformed = `2,a,failed,X,x,1,0,r,,0,,`, `3,,invalid,malformed_record,x,0,0,,,0,,`
	for name, test := range map[string]struct {
		rows []string
		want string
	}{
		"one":                 {[]string{failed}, "1 of 1 row (100 %). It is in f.csv with all of the input's columns: an input like any other."},
		"two":                 {[]string{failed, failed}, "2 of 2 rows (100 %). They are in f.csv with all of the input's columns: an input like any other."},
		"a malformed record":  {[]string{malformed}, "1 of 1 row (100 %). 1 malformed record is in m.csv."},
		"of both, one or two": {[]string{failed, malformed, malformed}, "3 of 3 rows (100 %). 1 row is in f.csv with all of the input's columns: an input like any other. 2 malformed records are in m.csv."},
	} {
		o := lines(test.rows...)
		o.Failed, o.Malformed = "dir/f.csv", "dir/m.csv"
		page := drawn(t, o)
		if !strings.Contains(text(page), test.want) {
			t.Errorf("%s: %s", name, text(page))
		}
		wantNone(t, text(drawn(t, lines(test.rows...))), "f.csv", "m.csv", ".csv with", "in .")
	}
}

// TestUsernames: usernames are on the page, and in its messages, only on request.
func TestUsernames(t *testing.T) {
	report := []string{
		`2,alice@example.com,failed,UserNotFoundException,"User alice@example.com does not exist, Alice@Example.com.",1,0,0b6f7c1e-5d2a-4f3b-9c8d-7e6f5a4b3c2d,2026-11-26T08:00:00.000Z,40,,eu-west-1_A`,
		`3,bob,failed,NotAuthorizedException,"bob and bobby: bob.",1,0,r,2026-11-26T08:00:01.000Z,40,,eu-west-1_A`,
		`4,carol123,failed,InvalidParameterException,1 validation error: Value 'caro…,1,0,r,2026-11-26T08:00:01.000Z,40,,eu-west-1_A`,
		`5,dorothy77,failed,InvalidParameterException,1 validation error: Value 'doroth…,1,0,r,2026-11-26T08:00:01.000Z,40,,eu-west-1_A`,
		`7,frank.x@example.com,failed,UnexpectedLambdaException,GET /users/frank.x%40example.com: gone,1,0,frank-x-1,2026-11-26T08:00:01.000Z,40,,eu-west-1_A`,
		`8,param@example.com,failed,InvalidParameterException,no,1,0,r,2026-11-26T08:00:01.000Z,40,,eu-west-1_A`,
		`6,erin99,confirmed,,,1,0,erin99-request,2026-11-26T08:00:01.000Z,40,,eu-west-1_A`,
	}
	page := drawn(t, lines(report...))
	wantNone(t, strings.ToLower(page), "alice", "bob ", "bob.", "doroth", "erin99", "frank")
	wantTexts(t, page, "User [username] does not exist, [username]. 0b6f7c1e-5d2a-4f3b-9c8d-7e6f5a4b3c2d", "[username] and bobby: [username].", "Value '[username]…", "8 InvalidParameterException no [see the report]")

	o := lines(report...)
	o.Usernames = true
	page = drawn(t, o)
	wantTexts(t, page, "Username", "2 alice@example.com UserNotFoundException User alice@example.com does not exist, Alice@Example.com.", "bob and bobby: bob.")
}

// TestForeignCodes: what stands in the place of a code or a status is shown when it
// is one, and its message too.
func TestForeignCodes(t *testing.T) {
	report := []string{
		`2,ann,failed,MaryJones,MaryJones: gone,1,0,MaryJones,2026-11-26T08:00:00.000Z,40,,eu-west-1_A`,
		`3,bob,failed,unknown_code,TWFyeUpvbmVz: gone,1,0,MaryJones,2026-11-26T08:00:00.000Z,40,,eu-west-1_A`,
		`4,eve,failed,NotAuthorizedException,User cannot be confirmed. Current status is MARYJONES,1,0,MaryJones,2026-11-26T08:00:00.000Z,40,MARYJONES,eu-west-1_A`,
	}
	page := drawn(t, lines(report...))
	wantNone(t, strings.ToLower(page), "maryjones", "twfy")
	wantTexts(t, page, "unknown_code 2 ", "NotAuthorizedException 1 ")
	o := lines(report...)
	o.Usernames = true
	wantTexts(t, drawn(t, o), "3 bob unknown_code TWFyeUpvbmVz: gone", "Current status is MARYJONES")
}

// TestAdviceOnce: what to do about a status is with its group, and not on every row.
func TestAdviceOnce(t *testing.T) {
	page := drawn(t, newExample(4).options(true))
	wantNone(t, page, "; set a permanent password instead", "; the user has to reset")
	wantTexts(t, page, "User cannot be confirmed. Current status is FORCE_CHANGE_PASSWORD")
}

func TestWhatCannotBeDrawn(t *testing.T) {
	failure := errors.New("the disk is gone")
	cancelled, cancel := context.WithCancelCause(t.Context())
	cancel(failure)
	good := newExample(1)
	for name, test := range map[string]struct {
		ctx  context.Context
		to   io.Writer
		o    Options
		want error
	}{
		"not a report":       {t.Context(), io.Discard, Options{Report: strings.NewReader("username\nalice\n")}, report.ErrNotReport},
		"a failing report":   {t.Context(), io.Discard, Options{Report: iotest.ErrReader(failure)}, failure},
		"not events":         {t.Context(), io.Discard, Options{Report: strings.NewReader(reportHeader), Events: strings.NewReader("{}\n")}, events.ErrNotEvents},
		"failing events":     {t.Context(), io.Discard, Options{Report: strings.NewReader(reportHeader), Events: iotest.ErrReader(failure)}, failure},
		"of another pool":    {t.Context(), io.Discard, Options{Report: strings.NewReader(strings.ReplaceAll(good.report.String(), examplePool, "eu-west-1_A")), Events: strings.NewReader(good.events.String())}, ErrOtherPool},
		"nobody wants it":    {cancelled, io.Discard, good.options(true), failure},
		"nowhere to go with": {t.Context(), failingWriter{failure}, good.options(true), failure},
	} {
		if _, err := Write(test.ctx, test.to, test.o); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }
