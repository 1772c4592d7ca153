package main

import (
	"io"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/rows"
	"cognito-confirm/ratelimit"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// parsed returns what the parser makes of a command line.
func parsed(t *testing.T, env []string, args ...string) *commands {
	t.Helper()
	into := &commands{}
	if _, err := newParser(into, env, io.Discard, io.Discard, func() {}).Parse(args); err != nil {
		t.Fatalf("%q with %q: %v", args, env, err)
	}
	return into
}

// jobOf returns the job that a command line is for.
func jobOf(t *testing.T, env []string, args ...string) job.Options {
	t.Helper()
	o, err := parsed(t, env, args...).Run.options(nil)
	if err != nil {
		t.Fatalf("%q with %q: %v", args, env, err)
	}
	return o
}

// TestFlags: what every flag of run sets in the job, by itself, as an
// environment variable, and against one.
func TestFlags(t *testing.T) {
	usual := job.Options{
		Input:  rows.Options{Path: "users.csv"},
		Target: cognito.Target{UserPoolID: testPool},
		Rate:   40, VerifyRate: 20,
		Pool: worker.Options{
			Concurrency: 256, MaxAttempts: 8, Timeout: 30 * time.Second, StallTimeout: 5 * time.Minute, MaxConsecutiveFailures: 100,
		},
	}
	if got := jobOf(t, nil, "users.csv", "--user-pool-id", testPool); !reflect.DeepEqual(got, usual) {
		t.Errorf("without flags: %+v, want %+v", got, usual)
	}
	tests := []struct {
		flag, value string
		other       string // what the variable tells when the flag is to win
		set         func(*job.Options)
	}{
		{"mark-verified", "email,phone_number", "email", func(o *job.Options) { o.MarkVerified = []string{"email", "phone_number"} }},
		{"verify-rate", "5.5", "auto", func(o *job.Options) { o.VerifyRate = 5.5 }},
		{"verify-rate", "auto", "5.5", func(o *job.Options) { o.VerifyRate = 0 }},
		{"allow-alias-takeover", "true", "false", func(o *job.Options) { o.AllowAliasTakeover = true }},
		{"limit", "10", "20", func(o *job.Options) { o.Limit = 10 }},
		{"for", "2h", "1h", func(*job.Options) {}}, // for these the clock is looked at when the run begins
		{"until", "06:00", "07:00", func(*job.Options) {}},
		{"user-pool-id", "eu-west-1_Another00", testPool, func(o *job.Options) { o.Target.UserPoolID = "eu-west-1_Another00" }},
		{"region", "sa-east-1", "us-east-2", func(o *job.Options) { o.Target.Region = "sa-east-1" }},
		{"profile", "tokyo", "nobody", func(o *job.Options) { o.Target.Profile = "tokyo" }},
		{"endpoint-url", "http://x", "http://y", func(o *job.Options) { o.Target.EndpointURL = "http://x" }},
		{"username-column", "login", "none", func(o *job.Options) { o.Input.UsernameColumn = "login" }},
		{"no-header", "true", "false", func(o *job.Options) { o.Input.NoHeader = true }},
		{"delimiter", ";", "tab", func(o *job.Options) { o.Input.Delimiter = ';' }},
		{"delimiter", "tab", ";", func(o *job.Options) { o.Input.Delimiter = '\t' }},
		{"delimiter", `\t`, ";", func(o *job.Options) { o.Input.Delimiter = '\t' }},
		{"report", "M\xfcller.csv", "r.csv", func(o *job.Options) { o.Report = "M\xfcller.csv" }},
		{"failed", "f.csv", "r.csv", func(o *job.Options) { o.Failed = "f.csv" }},
		{"resume", "true", "false", func(o *job.Options) { o.Resume = true }},
		{"retry-failed", "true", "false", func(o *job.Options) { o.Resume, o.Retry = true, report.Retry{Failed: true} }},
		{"retry-failed", "UserNotFoundException,timeout", "true", func(o *job.Options) {
			o.Resume, o.Retry = true, report.Retry{Failed: true, Codes: []string{"UserNotFoundException", "timeout"}}
		}},
		{"retry-failed", "no", "timeout", func(*job.Options) {}},
		{"overwrite", "true", "false", func(o *job.Options) { o.Overwrite = true }},
		{"shard", "1/4", "0/2", func(o *job.Options) {
			o.Shard = worker.Shard{Index: 1, Count: 4}
			o.Rate, o.VerifyRate = 10, 5
		}},
		{"allow-failed-rows", "true", "false", func(*job.Options) {}}, // what the job came to is the command's
		{"rate", "20.5", "5000", func(o *job.Options) { o.Rate = 20.5 }},
		{"rate", "auto", "5000", func(o *job.Options) { o.Rate = 0 }},
		{"pace", "dedicated", "polite", func(o *job.Options) { o.Pace = ratelimit.Dedicated }},
		{"concurrency", "3", "50", func(o *job.Options) { o.Pool.Concurrency = 3 }},
		{"max-attempts", "2", "1", func(o *job.Options) { o.Pool.MaxAttempts = 2 }},
		{"timeout", "500ms", "1h", func(o *job.Options) { o.Pool.Timeout = 500 * time.Millisecond }},
		{"stall-timeout", "1h", "1m", func(o *job.Options) { o.Pool.StallTimeout = time.Hour }},
		{"max-consecutive-failures", "0", "7", func(o *job.Options) { o.Pool.MaxConsecutiveFailures = 0 }},
		{"client-metadata", `k="v,with=anything"`, "k=w", func(o *job.Options) {
			o.ClientMetadata = map[string]string{"k": "v,with=anything"}
		}},
		{"client-metadata", `{"a":"1","b":"x=y,z"}`, "k=w", func(o *job.Options) {
			o.ClientMetadata = map[string]string{"a": "1", "b": "x=y,z"}
		}},
		{"scratch", "/var/tmp", "/tmp", func(o *job.Options) { o.Scratch = "/var/tmp" }},
		{"events", "e.jsonl", "none", func(o *job.Options) { o.Events = "e.jsonl" }},
		{"summary", "s.json", "-", func(o *job.Options) { o.Outputs = []job.File{{Role: "summary", Path: "s.json"}} }},
		{"summary", "-", "s.json", func(*job.Options) {}},
		{"quiet", "true", "false", func(*job.Options) {}}, // these are the console's
		{"progress", "lines", "none", func(*job.Options) {}},
		{"log-format", "json", "text", func(*job.Options) {}},
		{"html", "p.html", "-", func(*job.Options) {}},              // the end's
		{"fail-on", "new", "any", func(*job.Options) {}},            // the end's
		{"metrics-file", "m.prom", "n.prom", func(*job.Options) {}}, // these are the metrics'
		{"log-emf", "Users", "Others", func(*job.Options) {}},
	}
	tested := make(map[string]bool)
	for _, test := range tests {
		tested[test.flag] = true
		want := usual
		test.set(&want)
		args := []string{"run", "users.csv"}
		if test.flag != "user-pool-id" {
			args = append(args, "--user-pool-id", testPool)
		}
		flag := append(slices.Clone(args), "--"+test.flag+"="+test.value)
		name := flags.Variable(test.flag) + "="
		for way, got := range map[string]job.Options{
			"flag":                  jobOf(t, nil, flag...),
			"variable":              jobOf(t, []string{name + test.value}, args...),
			"flag over a variable":  jobOf(t, []string{name + test.other}, flag...),
			"empty variable beside": jobOf(t, []string{name}, flag...),
		} {
			if !reflect.DeepEqual(got, want) {
				t.Errorf("--%s %s as %s: %+v, want %+v", test.flag, test.value, way, got, want)
			}
		}
	}
	for _, flag := range newParser(&commands{}, nil, io.Discard, io.Discard, nil).Model.Children[0].Flags {
		if !tested[flag.Name] && flag.Name != "help" {
			t.Errorf("--%s is not tested", flag.Name)
		}
	}
}

// TestClientMetadataRepeated: the pairs add up, and the later one wins.
func TestClientMetadataRepeated(t *testing.T) {
	got := jobOf(t, nil, "users.csv", "--user-pool-id", testPool,
		"--client-metadata", "source=flag", "--client-metadata", "run=a=b,c=d",
		"--client-metadata", `{"json":"1","empty":""}`, "--client-metadata", "run=later wins").ClientMetadata
	want := map[string]string{"source": "flag", "run": "later wins", "json": "1", "empty": "", "c": "d"}
	if !maps.Equal(got, want) {
		t.Errorf("client metadata %v, want %v", got, want)
	}
}

// TestBooleansFromTheEnvironment: what switches on, and what off.
func TestBooleansFromTheEnvironment(t *testing.T) {
	for value, want := range map[string]bool{
		"true": true, "1": true, "yes": true, "TRUE": true,
		"false": false, "0": false, "no": false, "": false,
	} {
		if got := parsed(t, []string{"COGNITO_CONFIRM_QUIET=" + value}, "check", "users.csv").Check.Quiet; got != want {
			t.Errorf("%q: quiet is %v", value, got)
		}
	}
}

// TestEnvironmentThatIsNotUsed is for other programs, or for nobody.
func TestEnvironmentThatIsNotUsed(t *testing.T) {
	got := parsed(t, []string{
		"COGNITO_CONFIRM_VERSION=2.1", // as images name what they hold
		"COGNITO_CONFIRM_HELP=1",
		"COGNITO_CONFIRM_INPUT=other.csv",
		"COGNITO_CONFIRM_QUIETER=1",
		"QUIET=1",
		"cognito_confirm_quiet=1",
		"COGNITO_CONFIRM_QUIET",
		"=",
		"",
	}, "check", "users.csv")
	if !reflect.DeepEqual(got.Check, parsed(t, nil, "check", "users.csv").Check) || got.Check.Path != "users.csv" {
		t.Errorf("check: %+v", got.Check)
	}
}

// TestHeaderFlagBeatsTheVariable of the other one, as with --resume and --overwrite.
func TestHeaderFlagBeatsTheVariable(t *testing.T) {
	got := parsed(t, []string{"COGNITO_CONFIRM_NO_HEADER=true"}, "check", "users.csv", "--username-column", "email").Check
	if got.NoHeader || got.UsernameColumn != "email" {
		t.Errorf("%+v", got)
	}
	got = parsed(t, []string{"COGNITO_CONFIRM_USERNAME_COLUMN=email"}, "check", "users.csv", "--no-header").Check
	if !got.NoHeader || got.UsernameColumn != "" {
		t.Errorf("%+v", got)
	}
}
