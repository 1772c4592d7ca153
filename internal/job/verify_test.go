package job

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/events"
	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/ratelimit"
	"cognito-confirm/report"
)

// newPool gives the bench a pool of users with addresses.
func (b *bench) newPool(o fakecognito.Options, usernames ...string) {
	o.UserPoolID, o.LogCalls, o.Latency = testPool, true, latency
	b.server = fakecognito.New(o)
	for _, name := range usernames {
		b.server.PutUser(fakecognito.User{Username: name, Attributes: map[string]string{"email": name + "@example.com"}})
	}
}

// operations lists the calls as c for a confirmation and m for a mark, with whom
// they were made for.
func (b *bench) operations() string {
	var all []string
	for _, call := range b.server.Calls() {
		if call.Username == "" {
			continue
		}
		letter := "c:"
		if call.Operation == cognito.MarkOperation {
			letter = "m:"
		}
		all = append(all, letter+call.Username)
	}
	return strings.Join(all, " ")
}

// statuses lists the lines of the report without what differs.
func (b *bench) statuses(t *testing.T) string {
	t.Helper()
	var all []string
	for line := range strings.Lines(b.read(t, "users.report.csv")) {
		fields := strings.Split(line, ",")
		all = append(all, strings.Join([]string{fields[1], fields[2], fields[3], fields[5], fields[6]}, " "))
	}
	return strings.Join(all[1:], "; ")
}

// TestMarkVerified: one call confirms, the next one marks, and each row tells what
// came of both.
func TestMarkVerified(t *testing.T) {
	b := newBench(t.TempDir())
	b.newPool(fakecognito.Options{}, "ann", "bob", "carol", "dave", "erin")
	b.server.AddUser("bob", fakecognito.Confirmed)
	b.server.SetFault("ann", fakecognito.Fault{Code: "TooManyRequestsException", Times: 1}, fakecognito.Fault{Update: true, Code: "TooManyRequestsException", Times: 2})
	b.server.SetFault("carol", fakecognito.Fault{Update: true, Code: "UserNotFoundException", Times: 1})
	b.server.SetFault("dave", fakecognito.Fault{Code: "UserLambdaValidationException"})
	b.server.SetFault("erin", fakecognito.Fault{Code: "UserNotFoundException"})
	b.put(t, "users.csv", "username\nann\nbob\ncarol\ndave\nerin\n\"\"\n")
	o := b.options()
	o.MarkVerified, o.VerifyRate = []string{"email"}, 1000
	j := open(t, o)
	if err := j.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := b.operations(), "c:ann c:ann m:ann m:ann m:ann c:bob m:bob c:carol m:carol c:dave c:erin"; got != want {
		t.Errorf("called %s, want %s", got, want)
	}
	if got, want := b.statuses(t), "ann confirmed  5 3; bob already_confirmed NotAuthorizedException 2 0; carol not_verified UserNotFoundException 2 0; "+
		"dave trigger_failed UserLambdaValidationException 1 0; erin failed UserNotFoundException 1 0;  invalid empty_username 0 0"; got != want {
		t.Errorf("report %s\nwant   %s", got, want)
	}
	for name, want := range map[string]string{"ann": "true", "bob": "true", "carol": "", "dave": "", "erin": ""} {
		if got := b.server.Attribute(name, "email_verified"); got != want {
			t.Errorf("%s: verified %q, want %q", name, got, want)
		}
	}
	if got := b.read(t, "users.failed.csv"); !strings.Contains(got, "\ncarol,not_verified,UserNotFoundException,User does not exist.\n") {
		t.Errorf("failed rows\n%s", got)
	}
	s := j.Summary()
	if s.Confirmed != 1 || s.NotVerified != 1 || s.Unsuccessful() != 4 || s.Attempts != 11 || s.Throttled != 3 || s.Verifying == nil || s.Unfinished != (report.Calls{}) {
		t.Errorf("summary %+v, %+v", s.Counts, s.Verifying)
	}
	j.Close()
	if run, ok := kept(t, b)[0].Event.(events.Run); !ok || run.MarkVerified != "email" {
		t.Errorf("event %+v", run)
	}

	// A retry finds the user confirmed, and marks.
	o.Resume, o.Retry = true, report.Retry{Failed: true, Codes: []string{"UserNotFoundException"}}
	b.server.ClearFaults()
	j = open(t, o)
	if state := j.Snapshot().Report; state.Retried != 2 || state.TriggersKept != 0 {
		t.Errorf("%+v", state)
	}
	if err := j.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := j.Summary(); s.NotVerified != 0 || s.AlreadyConfirmed != 2 || s.Confirmed != 2 || b.server.Attribute("carol", "email_verified") != "true" {
		t.Errorf("after the retry: %+v", s.Counts)
	}
}

// TestEndBetweenConfirmationAndMark: the row has no line, and the next run marks.
func TestEndBetweenConfirmationAndMark(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(dir)
		b.newPool(fakecognito.Options{}, "ann")
		b.server.SetFault("ann", fakecognito.Fault{Update: true, Code: "TooManyRequestsException", Times: 1000})
		b.put(t, "users.csv", "username\nann\n")
		o := b.options()
		o.MarkVerified = []string{"email"}
		ctx, cancel := context.WithCancelCause(t.Context())
		signal := errors.New("a signal")
		time.AfterFunc(time.Second, func() { cancel(signal) })
		j := open(t, o)
		if err := j.Run(ctx); !errors.Is(err, signal) {
			t.Errorf("ended with %v", err)
		}
		if s := j.Summary(); s.Rows != 0 || s.Unfinished.Attempts < 2 || s.Unfinished.Throttled != s.Unfinished.Attempts-1 {
			t.Errorf("summary %+v, %+v", s.Counts, s.Unfinished)
		}
		j.Close()
		b.server.ClearFaults()
		o.Resume = true
		if err := open(t, o).Run(t.Context()); err != nil {
			t.Error(err)
		}
		if got, want := b.statuses(t), "ann already_confirmed NotAuthorizedException 2 0"; got != want || b.server.Attribute("ann", "email_verified") != "true" {
			t.Errorf("report %s", got)
		}
	})
}

// TestAliasesAreNotTaken, unless that is allowed: nobody is confirmed, and no file
// is made.
func TestAliasesAreNotTaken(t *testing.T) {
	b := newBench(t.TempDir())
	b.newPool(fakecognito.Options{AliasAttributes: []string{"email"}}, "ann")
	b.server.PutUser(fakecognito.User{Username: "owner", Attributes: map[string]string{"email": "ann@example.com", "email_verified": "true"}})
	b.put(t, "users.csv", "username\nann\n")
	before := fmt.Sprint(b.tree(t))
	o := b.options()
	o.MarkVerified = []string{"phone_number", "email"}
	_, err := Open(t.Context(), o)
	if alias, ok := errors.AsType[*cognito.AliasError](err); !ok || len(alias.Attributes) != 1 || alias.Attributes[0] != "email" {
		t.Errorf("error %v", err)
	}
	if after := fmt.Sprint(b.tree(t)); after != before || b.operations() != "" {
		t.Errorf("called %s, files %s", b.operations(), after)
	}
	o.MarkVerified = []string{"email"}
	o.AllowAliasTakeover = true
	if err := open(t, o).Run(t.Context()); err != nil || b.statuses(t) != "ann confirmed  2 0" || b.server.Attribute("owner", "email_verified") != "false" {
		t.Errorf("error %v, report %s, the owner's address is verified: %s", err, b.statuses(t), b.server.Attribute("owner", "email_verified"))
	}
}

// TestPaceOfMarks: they have a limiter of their own, which sets the pace of the run.
func TestPaceOfMarks(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(dir)
		b.newPool(fakecognito.Options{UpdateQuota: fakecognito.Quota{Rate: 25}})
		names := make([]string, 1200)
		for i := range names {
			names[i] = fmt.Sprintf("user%04d", i)
			b.server.PutUser(fakecognito.User{Username: names[i], Attributes: map[string]string{"email": names[i]}})
		}
		b.put(t, "users.csv", "username\n"+strings.Join(names, "\n")+"\n")
		o := b.options()
		o.MarkVerified, o.VerifyRate, o.Rate, o.Pool.Concurrency = []string{"email"}, 20, 40, 64
		j := open(t, o)
		var midway Snapshot
		time.AfterFunc(30*time.Second, func() { midway = j.Snapshot() })
		start := time.Now()
		if err := j.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < time.Minute || took > 64*time.Second {
			t.Errorf("1,200 rows took %v, want a minute", took)
		}
		if midway.Limiter.Reason != ratelimit.Limited || midway.Marking.Reason != ratelimit.Capped || midway.Marking.Rate != 20 {
			t.Errorf("confirming %+v, marking %+v", midway.Limiter, midway.Marking)
		}
		if s := j.Summary(); s.Throttled != 0 || s.Verifying.Rate != 20 {
			t.Errorf("%d throttled, %+v", s.Throttled, s.Verifying)
		}
	})
}
