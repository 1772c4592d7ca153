package report_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

const (
	prodPool  = "eu-west-1_Production"
	otherPool = "eu-west-1_Staging00"
	emulator  = "http://127.0.0.1:9229"
)

// aimedAt are the options of a run at a target.
func aimedAt(dir string, target report.Target) report.Options {
	o := optionsIn(dir)
	o.Target = target
	return o
}

// TestResumeOfAnotherTarget is refused with both: its users are others.
func TestResumeOfAnotherTarget(t *testing.T) {
	at := func(pool, endpoint string) report.Target { return report.Target{UserPoolID: pool, Endpoint: endpoint} }
	tests := map[string]struct {
		was, is report.Target
		refused string // how the two are named; "" for not at all
	}{
		"the same":                {at(prodPool, ""), at(prodPool, ""), ""},
		"another pool":            {at(otherPool, ""), at(prodPool, ""), otherPool + " at AWS, not " + prodPool + " at AWS"},
		"from an emulator to AWS": {at(prodPool, emulator), at(prodPool, ""), prodPool + " at " + emulator + ", not " + prodPool + " at AWS"},
		"from AWS to an emulator": {at(prodPool, ""), at(prodPool, emulator), prodPool + " at AWS, not " + prodPool + " at " + emulator},
		"another port":            {at(prodPool, emulator), at(prodPool, "http://127.0.0.1:9230"), emulator + ", not " + prodPool + " at http://127.0.0.1:9230"},
		"the same emulator":       {at(prodPool, emulator), at(prodPool, emulator), ""},
		"in another spelling":     {at(prodPool, "http://LOCALHOST:80/"), at(prodPool, "HTTP://localhost"), ""},
		"with another password":   {at(prodPool, "https://u:secret@host/x"), at(prodPool, "https://host:443/x/"), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, aimedAt(dir, test.was), result(2, "alice", worker.StatusConfirmed))
			before := tree(t, dir)
			o := aimedAt(dir, test.is)
			o.Resume = true
			r, err := report.Open(t.Context(), o)
			if test.refused == "" {
				if err != nil {
					t.Fatal(err)
				}
				closeRecorder(t, r)
				return
			}
			if _, ok := errors.AsType[*report.OtherTargetError](err); !ok || !strings.Contains(err.Error(), test.refused) {
				t.Errorf("resume: %v, want that it is about %s", err, test.refused)
			}
			untouched(t, dir, before)
		})
	}
}

// TestPoolOfEveryLine: the column is the id and nothing else, whatever the endpoint.
func TestPoolOfEveryLine(t *testing.T) {
	o := aimedAt(t.TempDir(), report.Target{UserPoolID: prodPool, Endpoint: emulator})
	write(t, o, everyKind()...)
	for _, line := range parse(t, read(t, o.Report)) {
		if pool := line[len(line)-1]; pool != prodPool {
			t.Errorf("line %s is of %q", line[0], pool)
		}
	}
}

// TestEndpointIsKeptBesideTheReport, and only for what is not AWS.
func TestEndpointIsKeptBesideTheReport(t *testing.T) {
	dir := t.TempDir()
	o := aimedAt(dir, report.Target{UserPoolID: prodPool, Endpoint: "http://somebody:secret@127.0.0.1:9229/?token=secret"})
	write(t, o, result(2, "alice", worker.StatusConfirmed))
	if got := read(t, o.Report+".endpoint"); got != emulator+"\n" {
		t.Errorf("endpoint %q", got)
	}
	// A run of AWS in its place takes it away.
	o.Target.Endpoint, o.Overwrite = "", true
	write(t, o, result(2, "alice", worker.StatusConfirmed))
	missing(t, o.Report+".endpoint")
	// The note of a report that is gone does not count.
	put(t, o.Report+".endpoint", emulator+"\n")
	if err := os.Remove(o.Report); err != nil {
		t.Fatal(err)
	}
	o.Overwrite = false
	write(t, o, result(2, "alice", worker.StatusConfirmed))
	missing(t, o.Report+".endpoint")
}

// TestEndpointThroughALink: it is beside the report, not beside the link.
func TestEndpointThroughALink(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	write(t, aimedAt(elsewhere, report.Target{UserPoolID: prodPool, Endpoint: emulator}), result(2, "alice", worker.StatusConfirmed))
	if err := os.Symlink(optionsIn(elsewhere).Report, optionsIn(dir).Report); err != nil {
		t.Skip(err)
	}
	o := aimedAt(dir, report.Target{UserPoolID: prodPool})
	o.Resume = true
	if _, err := report.Open(t.Context(), o); !errors.As(err, new(*report.OtherTargetError)) {
		t.Errorf("resume: %v, want that it is about the emulator", err)
	}
}

// TestReportWithoutLinesIsNobodys: nothing was done for any target yet.
func TestReportWithoutLinesIsNobodys(t *testing.T) {
	dir := t.TempDir()
	write(t, aimedAt(dir, report.Target{UserPoolID: otherPool, Endpoint: emulator}))
	o := aimedAt(dir, report.Target{UserPoolID: prodPool})
	o.Resume = true
	write(t, o, result(2, "alice", worker.StatusConfirmed))
	missing(t, o.Report+".endpoint")
	o.Target.UserPoolID = otherPool
	if _, err := report.Open(t.Context(), o); !errors.As(err, new(*report.OtherTargetError)) {
		t.Errorf("resume: %v, want that it is of the second run", err)
	}
}

// TestForeignEndpointFile: a file of that name that is none of ours stays.
func TestForeignEndpointFile(t *testing.T) {
	for _, content := range []string{"", "precious", "precious\n", "http://host", "http://host\nmore\n", "HTTP://HOST\n", strings.Repeat("x", 100_000)} {
		for _, overwrite := range []bool{false, true} {
			dir := t.TempDir()
			o := aimedAt(dir, report.Target{UserPoolID: prodPool})
			o.Overwrite = overwrite
			put(t, o.Report+".endpoint", content)
			before := tree(t, dir)
			if _, err := report.Open(t.Context(), o); !errors.As(err, new(*report.UnusableError)) {
				t.Errorf("%.20q: %v", content, err)
			}
			untouched(t, dir, before)
		}
	}
}

// TestOldReport: a report of the first version can be read and resumed. It names
// no user pool, so the recorder warns, at each resumption.
func TestOldReport(t *testing.T) {
	dir := t.TempDir()
	o := optionsIn(dir)
	o.Resume = true
	put(t, o.Report, oldHeader+"2,alice,confirmed,,\"a, b\",1,0,r,,1\n3,bad,failed,X,,1,0,r,,1\n4,to")
	put(t, o.Failed, "username\nbad\n")
	if got := scan(strings.NewReader(read(t, o.Report))); len(got.lines) != 2 || got.errs != nil {
		t.Errorf("scanned %+v", got)
	}
	n := resumption{input: "username\nalice\nbad\ntom\n"}
	for range 2 {
		_, r := n.mustRun(t, dir, everyRow)
		const want = " does not tell of which user pool 2 of its rows are, as an earlier version wrote them: make sure that it was eu-west-1_Test00000 at AWS"
		if got := r.Warnings(); len(got) != 1 || got[0] != o.Report+want {
			t.Errorf("warnings %q", got)
		}
		wantReport := header + "2,alice,confirmed,,\"a, b\",1,0,r,,1,,\n3,bad,failed,X,,1,0,r,,1,,\n4,tom,confirmed,,,2,1,r,,0,,eu-west-1_Test00000\n"
		if got := read(t, o.Report); got != wantReport {
			t.Errorf("the report is\n%s, want\n%s", got, wantReport)
		}
		if got := read(t, o.Failed); got != "username"+reasons+"\nbad,failed,X,\n" {
			t.Errorf("failed rows %q", got)
		}
	}
}

// TestNoTarget: a caller that names none compares none.
func TestNoTarget(t *testing.T) {
	dir := t.TempDir()
	write(t, aimedAt(dir, report.Target{UserPoolID: prodPool, Endpoint: emulator}), result(2, "alice", worker.StatusConfirmed))
	o := aimedAt(dir, report.Target{})
	o.Resume = true
	r := write(t, o)
	if got := read(t, o.Report+".endpoint"); got != emulator+"\n" || r.Warnings() != nil {
		t.Errorf("endpoint %q, warnings %q", got, r.Warnings())
	}
}
