package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"cognito-confirm/internal/oneline"
	"cognito-confirm/worker"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// everyKind is a result of every status, with everything in it that makes a
// report hard to read.
func everyKind() []worker.Result {
	throttled := result(3, "bob@example.com", worker.StatusConfirmed)
	throttled.Attempts, throttled.Throttled = 12, 11
	throttled.Duration = 61*time.Second + 1500*time.Microsecond
	stuck := result(12, "erin", worker.StatusFailed)
	stuck.Code, stuck.Message = "NotAuthorizedException", "User cannot be confirmed. Current status is FORCE_CHANGE_PASSWORD"
	stuck.UserStatus = "FORCE_CHANGE_PASSWORD"
	lost := result(4, "Zoë-渡辺", worker.StatusConfirmed)
	lost.Message = "confirmed, most likely by an earlier attempt of this run whose answer was lost"
	unanswered := result(8, `quote"d`, worker.StatusFailed)
	unanswered.Code, unanswered.Message, unanswered.RequestID = "timeout", "no answer in time", ""
	unanswered.Attempts = 8
	hostile := result(9, "dave", worker.StatusFailed)
	hostile.Code = "LimitExceededException"
	hostile.Message = oneline.Escape("a \"quoted\", broken\r\ntext\x00 with \x1b[31mcolour\x1b[0m, \u202ebackwards and \xff")
	hostile.StartedAt = time.Date(2026, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
	hostile.Duration = 499_999 * time.Nanosecond
	malformed := worker.Result{
		Row:    worker.Row{Line: 20, LastLine: 31},
		Status: worker.StatusInvalid, Code: "malformed_record", Message: "lines 20 to 31 are one malformed record",
	}
	return []worker.Result{
		result(2, "alice", worker.StatusConfirmed),
		throttled,
		lost,
		result(5, "carol", worker.StatusAlreadyConfirmed),
		result(6, "+15550100", worker.StatusTriggerFailed),
		result(7, "a,b", worker.StatusFailed),
		unanswered,
		hostile,
		result(10, "", worker.StatusInvalid),
		stuck,
		result(11, "two\nlines\rand\ttab", worker.StatusInvalid),
		result(14, "\x1b]0;title\a\x1b[2J", worker.StatusInvalid),
		result(15, `"both' quotes"`, worker.StatusInvalid),
		result(16, "\xc3\x28\xff not UTF-8", worker.StatusInvalid),
		result(17, "\u202egnp.exe\u200b", worker.StatusInvalid),
		result(18, strings.Repeat("ab", 2500), worker.StatusInvalid),
		result(19, `\.`, worker.StatusConfirmed),
		malformed,
		result(1_000_001, "=cmd()", worker.StatusConfirmed),
	}
}

func TestReportIsByteForByte(t *testing.T) {
	o := optionsIn(t.TempDir())
	write(t, o, everyKind()...)
	got := read(t, o.Report)
	golden := filepath.Join("testdata", "report.golden.csv")
	if *update {
		put(t, golden, got)
	}
	if want := read(t, golden); got != want {
		t.Errorf("the report is\n%s\nwant\n%s", got, want)
	}
	if first, _, _ := strings.Cut(got, "\n"); first+"\n" != header {
		t.Errorf("header %q, want %q", first, header)
	}
}

// TestReportIsOneLineARow keeps sort, grep and wc of use.
func TestReportIsOneLineARow(t *testing.T) {
	o := optionsIn(t.TempDir())
	write(t, o, everyKind()...)
	content := read(t, o.Report)
	if got, want := strings.Count(content, "\n"), 1+len(everyKind()); got != want {
		t.Errorf("%d lines, want %d", got, want)
	}
	for _, r := range content {
		if r != '\n' && !strconv.IsPrint(r) {
			t.Errorf("the report has %q in it, which a terminal may obey", r)
		}
	}
}

// wantFields is what an independent parser is to find for a result.
func wantFields(r worker.Result) []string {
	started := ""
	if !r.StartedAt.IsZero() {
		started = r.StartedAt.UTC().Truncate(time.Millisecond).Format("2006-01-02T15:04:05.000Z07:00")
	}
	return []string{
		strconv.Itoa(r.Row.Line), oneline.Escape(r.Row.Username), string(r.Status), r.Code, r.Message,
		strconv.Itoa(r.Attempts), strconv.Itoa(r.Throttled), r.RequestID, started,
		strconv.Itoa(int((r.Duration + time.Millisecond/2) / time.Millisecond)),
		r.UserStatus, testTarget.UserPoolID,
	}
}

func TestReportIsReadByEncodingCSV(t *testing.T) {
	o := optionsIn(t.TempDir())
	write(t, o, everyKind()...)
	got := parse(t, read(t, o.Report))
	if len(got) != len(everyKind()) {
		t.Fatalf("%d records, want %d", len(got), len(everyKind()))
	}
	for i, r := range everyKind() {
		if want := wantFields(r); !reflect.DeepEqual(got[i], want) {
			t.Errorf("record %d:\n%q, want\n%q", i, got[i], want)
		}
	}
}

func TestReportIsReadByPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 in PATH")
	}
	o := optionsIn(t.TempDir())
	write(t, o, everyKind()...)
	const script = `import csv, json, sys
with open(sys.argv[1], encoding="utf-8", newline="") as report:
    json.dump(list(csv.DictReader(report, strict=True)), sys.stdout)`
	cmd := exec.CommandContext(t.Context(), python, "-c", script, o.Report)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.Bytes())
	}
	var got []map[string]string
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	names := strings.Split(strings.TrimSpace(header), ",")
	var want []map[string]string
	for _, r := range everyKind() {
		record := make(map[string]string)
		for i, field := range wantFields(r) {
			record[names[i]] = field
		}
		want = append(want, record)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Python reads\n%q, want\n%q", got, want)
	}
}

// FuzzReport: whatever is recorded, encoding/csv finds it in the report.
func FuzzReport(f *testing.F) {
	for _, r := range everyKind() {
		f.Add(r.Row.Line, r.Row.Username, string(r.Status), r.Code, r.Message, r.Attempts, r.Throttled, r.RequestID, r.StartedAt.UnixMilli(), int64(r.Duration))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, line int, username, status, code, message string, attempts, throttled int, requestID string, started, took int64) {
		if took < 0 || started < 0 || started > 200e12 {
			return // no clock shows such a time: years have four digits here
		}
		r := worker.Result{
			Row:    worker.Row{Line: line, Username: username},
			Status: worker.Status(oneline.Escape(status)), Code: oneline.Escape(code), Message: oneline.Escape(message),
			Attempts: attempts, Throttled: throttled, RequestID: oneline.Escape(requestID),
			StartedAt: time.UnixMilli(started), Duration: time.Duration(took),
		}
		o := optionsIn(dir)
		o.Overwrite = true
		write(t, o, r, result(2, "alice", worker.StatusConfirmed))
		content := read(t, o.Report)
		got := parse(t, content)
		want := [][]string{wantFields(r), wantFields(result(2, "alice", worker.StatusConfirmed))}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the report is\n%q, want\n%q", got, want)
		}
		if n := strings.Count(content, "\n"); n != 3 {
			t.Errorf("%d lines for two rows and the header", n)
		}
		if _, err := os.Stat(o.Failed); err == nil {
			os.Remove(o.Failed)
		}
	})
}
