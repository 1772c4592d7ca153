package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"cognito-confirm/worker"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// everyKind is a result of every status, with everything in it that makes a
// report hard to read.
func everyKind() []worker.Result {
	throttled := result(3, "bob@example.com", worker.StatusConfirmed)
	throttled.Attempts, throttled.Throttled = 12, 11
	throttled.Duration = 61*time.Second + 1500*time.Microsecond
	lost := result(4, "Zoë-渡辺", worker.StatusConfirmed)
	lost.Message = "confirmed, most likely by an earlier attempt of this run whose answer was lost"
	unanswered := result(8, `quote"d`, worker.StatusFailed)
	unanswered.Code, unanswered.Message, unanswered.RequestID = "timeout", "no answer in time", ""
	unanswered.Attempts = 8
	hostile := result(9, "dave", worker.StatusFailed)
	hostile.Code = "LimitExceededException"
	hostile.Message = worker.OneLine("a \"quoted\", broken\r\ntext\x00 with \x1b[31mcolour\x1b[0m, \u202ebackwards and \xff")
	hostile.StartedAt = time.Date(2026, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
	hostile.Duration = 499_999 * time.Nanosecond
	malformed := worker.Result{
		Row:    worker.Row{Line: 20, LastLine: 31},
		Status: worker.StatusInvalid, Code: worker.CodeMalformedRecord, Message: "lines 20 to 31 are one malformed record",
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
	o := in(t.TempDir())
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
	o := in(t.TempDir())
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
		strconv.Itoa(r.Row.Line), worker.OneLine(r.Row.Username), string(r.Status), r.Code, r.Message,
		strconv.Itoa(r.Attempts), strconv.Itoa(r.Throttled), r.RequestID, started,
		strconv.Itoa(int((r.Duration + time.Millisecond/2) / time.Millisecond)),
	}
}

func TestReportIsReadByEncodingCSV(t *testing.T) {
	o := in(t.TempDir())
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
	o := in(t.TempDir())
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

// TestDelimiterIsNotTheReports holds the report to commas, whatever the input has.
func TestDelimiterIsNotTheReports(t *testing.T) {
	o := in(t.TempDir())
	o.Delimiter = ';'
	write(t, o, result(2, "a;b", worker.StatusFailed))
	if got := parse(t, read(t, o.Report)); len(got) != 1 || got[0][1] != "a;b" {
		t.Errorf("report: %q", got)
	}
	if got, want := read(t, o.Failed), "username\n\"a;b\"\n"; got != want {
		t.Errorf("failed rows: %q, want %q", got, want)
	}
}
