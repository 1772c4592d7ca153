package report_test

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gocarina/gocsv"

	"cognito-confirm/internal/oneline"
	"cognito-confirm/internal/racedetector"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// scanned is what a scan yields: the lines, and the errors in words.
type scanned struct {
	lines []report.Line
	errs  []string
}

func scan(r io.Reader) (s scanned) {
	for line, err := range report.Scan(r) {
		if err != nil {
			s.errs = append(s.errs, err.Error())
			if line != (report.Line{}) {
				s.errs = append(s.errs, fmt.Sprintf("together with %+v", line))
			}
			continue
		}
		s.lines = append(s.lines, line)
	}
	return s
}

// everyKindWritten is a report with a line of every kind.
func everyKindWritten(t testing.TB) string {
	t.Helper()
	o := optionsIn(t.TempDir())
	write(t, o, everyKind()...)
	return read(t, o.Report)
}

// TestScan: what was recorded comes back, and gocsv finds the same in it.
func TestScan(t *testing.T) {
	content := everyKindWritten(t)
	var want []report.Line
	for _, r := range everyKind() {
		want = append(want, report.Line{
			Line: r.Row.Line, Username: oneline.Escape(r.Row.Username), Status: r.Status, Code: r.Code, Message: r.Message,
			Attempts: r.Attempts, Throttled: r.Throttled, RequestID: r.RequestID,
			StartedAt:  report.Time{Time: r.StartedAt.UTC().Truncate(time.Millisecond)},
			Duration:   report.Milliseconds(r.Duration.Round(time.Millisecond)),
			UserStatus: r.UserStatus, UserPoolID: testTarget.UserPoolID,
		})
	}
	for name, r := range map[string]io.Reader{
		"as a whole":            strings.NewReader(content),
		"byte by byte":          iotest.OneByteReader(strings.NewReader(content)),
		"the end with the data": iotest.DataErrReader(strings.NewReader(content)),
	} {
		if got := scan(r); !reflect.DeepEqual(got, scanned{lines: want}) {
			t.Errorf("%s: scanned\n%+v, want\n%+v", name, got, want)
		}
	}
	var got []report.Line
	if err := gocsv.UnmarshalString(content, &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("gocsv reads\n%+v, %v; want\n%+v", got, err, want)
	}
}

// TestScanOfATornReport cuts a report off at every byte, as a crash may do.
func TestScanOfATornReport(t *testing.T) {
	racedetector.Skip(t)
	content := everyKindWritten(t)
	want := scan(strings.NewReader(content)).lines
	for cut := range len(content) + 1 {
		whole := max(0, strings.Count(content[:cut], "\n")-1)
		for _, tail := range []string{"", "\x00", strings.Repeat("\x00", 100_000)} {
			if len(tail) > 1 && cut%97 != 0 {
				continue
			}
			got := scan(strings.NewReader(content[:cut] + tail))
			if got.errs != nil || !slices.Equal(got.lines, want[:whole]) {
				t.Fatalf("cut at byte %d, then %d zeros: scanned %+v, want the first %d lines", cut, len(tail), got, whole)
			}
		}
	}
}

func TestScanGoesOnAfterADamagedLine(t *testing.T) {
	const alice, bob, carol = "2,alice,confirmed,,,1,0,r,,1,,\n", "3,bob,failed,X,,2,1,r,,1,,\n", "4,carol,invalid,X,,0,0,,,0,,\n"
	long := strings.Repeat("x", 200_000)
	tests := map[string]struct {
		content string
		lines   []int
		errs    []string
	}{
		"none":              {header + alice + bob + carol, []int{2, 3, 4}, nil},
		"too few fields":    {header + alice + "3,bob\n" + carol, []int{2, 4}, []string{"damaged on line 3: wrong number of fields"}},
		"a stray quote":     {header + "2,al\"ice,confirmed,,,1,0,r,,1,,\n" + bob + carol, []int{3, 4}, []string{"damaged on line 2: bare \" in non-quoted-field"}},
		"no status of ours": {header + alice + strings.Replace(bob, "failed", "done", 1) + carol, []int{2, 4}, []string{"damaged on line 3: not a line of a report"}},
		"two of them":       {header + "x\n" + alice + strings.Replace(bob, ",2,1,", ",-2,1,", 1) + carol, []int{2, 4}, []string{"damaged on line 2: wrong number of fields", "damaged on line 4: not a line of a report"}},
		"a long line":       {header + alice + long + "\n" + carol, []int{2, 4}, []string{"damaged on line 3: wrong number of fields"}},
		"a long torn line":  {header + alice + "3," + long, []int{2}, nil},
		"another file":      {"username\nalice\n", nil, []string{"not a report of this program; its first line is another one"}},
	}
	for name, test := range tests {
		got := scan(strings.NewReader(test.content))
		var numbers []int
		for _, line := range got.lines {
			numbers = append(numbers, line.Line)
		}
		if !slices.Equal(numbers, test.lines) || !slices.Equal(got.errs, test.errs) {
			t.Errorf("%s: scanned lines %v and %q, want %v and %q", name, numbers, got.errs, test.lines, test.errs)
		}
	}
}

// TestScanOfWhatASpreadsheetRewrote: a line whose time was rewritten is kept.
func TestScanOfWhatASpreadsheetRewrote(t *testing.T) {
	got := scan(strings.NewReader(header + "2,alice,confirmed,,,1,0,r,01/03/2026 00:00,1.5E+03,,\n"))
	want := report.Line{Line: 2, Username: "alice", Status: worker.StatusConfirmed, Attempts: 1, RequestID: "r"}
	if !reflect.DeepEqual(got, scanned{lines: []report.Line{want}}) {
		t.Errorf("scanned %+v, want %+v", got, want)
	}
}

func TestScanEndsWithItsReader(t *testing.T) {
	failure := errors.New("the disk is gone")
	for _, content := range []string{"", header[:5], header, header + "2,alice,confirmed,,,1,0,r,,1,,\n3,b"} {
		var last error
		lines := 0
		for _, err := range report.Scan(io.MultiReader(strings.NewReader(content), iotest.ErrReader(failure))) {
			if last = err; err == nil {
				lines++
			}
		}
		if !errors.Is(last, failure) || lines != max(0, strings.Count(content, "\n")-1) {
			t.Errorf("after %q: %d lines, then %v", content, lines, last)
		}
	}
}

func TestScanCanBeLeft(t *testing.T) {
	for line, err := range report.Scan(strings.NewReader(everyKindWritten(t))) {
		if err != nil || line.Line != 2 {
			t.Errorf("the first line is %+v, %v", line, err)
		}
		break
	}
}

// FuzzScan: what follows the last line end changes nothing, nor does the size
// of the pieces in which a report is read.
func FuzzScan(f *testing.F) {
	content := everyKindWritten(f)
	for cut := 0; cut < len(content); cut += 301 {
		f.Add(content[:cut], "\x00")
		f.Add(content[:cut]+"\x00"+content[cut:], "3,bo")
	}
	f.Add(header+"2,\"al\nice\",confirmed,,,1,0,r,,1,,\n\n", "\"")
	f.Fuzz(func(t *testing.T, content, tail string) {
		if !strings.HasPrefix(content, header) || !strings.HasSuffix(content, "\n") || strings.Contains(tail, "\n") {
			return
		}
		want := scan(strings.NewReader(content))
		if got := scan(iotest.HalfReader(strings.NewReader(content + tail))); !reflect.DeepEqual(got, want) {
			t.Errorf("scanned\n%+v, and without the torn line\n%+v", got, want)
		}
		for _, line := range want.lines {
			if line.Line < 1 || !line.Status.Known() || line.Attempts < line.Throttled || line.Throttled < 0 {
				t.Errorf("scanned %+v", line)
			}
		}
	})
}

// TestZerosInALine: a power cut leaves zeros in the place of what was not synced,
// and no run writes one.
func TestZerosInALine(t *testing.T) {
	const line = "2,alice,confirmed,,,1,0,,2026-01-02T03:04:05.000Z,1,,eu-west-1_Test00000\n"
	for _, at := range []int{1, 4, 10, 20, 30, 45, len(line) - 2} {
		got := scan(strings.NewReader(header + line[:at] + "\x00\x00" + line[at:] + strings.Replace(line, "2", "3", 1)))
		if len(got.lines) != 1 || got.lines[0].Line != 3 || len(got.errs) != 1 || !strings.HasPrefix(got.errs[0], "damaged on line 2: ") {
			t.Errorf("zeros at %d: %+v", at, got)
		}
	}
}
