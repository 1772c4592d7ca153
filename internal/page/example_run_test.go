package page

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"cognito-confirm/worker"
)

// reportHeader is the first line of a report.
const reportHeader = "line,username,status,code,message,attempts,throttled,request_id,started_at,duration_ms,user_status,user_pool_id\n"

const examplePool = "us-east-1_Emulator0"

// exampleRun is a made-up report and its events: two runs with a pause between
// them, and an outage in the second.
type exampleRun struct {
	random *rand.Rand
	report strings.Builder
	events strings.Builder
	now    time.Time
	line   int
}

// newExample makes a report of about perSecond rows a second for seven minutes.
// It is the same each time.
func newExample(perSecond float64) *exampleRun {
	e := &exampleRun{random: rand.New(rand.NewPCG(1, 2)), now: time.Date(2026, 11, 26, 1, 39, 9, 0, time.UTC), line: 1}
	e.report.WriteString(reportHeader)
	e.run(false, 241*time.Second, perSecond, 0)
	e.end("interrupted", 130, "interrupt")
	e.now = e.now.Add(22 * time.Second)
	e.run(true, 172*time.Second, perSecond, 55*time.Second)
	e.end("finished", 3, "")
	return e
}

func (e *exampleRun) event(name string, fields string, values ...any) {
	fmt.Fprintf(&e.events, `{"t":%q,"event":%q,%s}`+"\n", e.now.Format("2006-01-02T15:04:05.000Z"), name, fmt.Sprintf(fields, values...))
}

// run adds a run, with an outage of 90 s after a time when that is not 0.
func (e *exampleRun) run(resumed bool, length time.Duration, perSecond float64, outage time.Duration) {
	e.event("run", `"version":"v1","pool":%q,"region":"us-east-1","rate":0,"pace":"dedicated","concurrency":256,"resumed":%t,"rows_before":%d`, examplePool, resumed, e.line-1)
	start := e.now
	for at := time.Duration(0); at < length; at += time.Second {
		e.now = start.Add(at)
		isOut := outage > 0 && at >= outage && at < outage+90*time.Second
		switch {
		case outage > 0 && at == outage+10*time.Second:
			e.event("outage", `"began_at":%q,"code":"connection"`, start.Add(outage).Format(time.RFC3339Nano))
		case outage > 0 && at == outage+90*time.Second:
			e.event("outage_over", `"seconds":90`)
		}
		ceiling := perSecond * (1.05 + 0.04*math.Sin(at.Seconds()/20))
		if at%(10*time.Second) == 0 {
			e.event("sample", `"rows":%d,"answered":%d,"throttled":%d,"rate":%.1f,"ceiling":%.1f,"reason":"cruising below it","in_flight":29`,
				e.line-1, e.line, 0, perSecond, ifelse(at >= 20*time.Second && !isOut, ceiling, 0))
		}
		if isOut {
			continue
		}
		ramp := min(1, math.Pow(1.35, at.Seconds())*perSecond/40/perSecond)
		for range int(perSecond * ramp * (0.94 + 0.1*e.random.Float64())) {
			e.row(start.Add(at + time.Duration(e.random.Int64N(1e9))))
		}
	}
	e.now = start.Add(length)
}

func ifelse[T any](is bool, yes, no T) T {
	if is {
		return yes
	}
	return no
}

func (e *exampleRun) end(outcome string, status int, reason string) {
	e.event("end", `"outcome":%q,"exit_status":%d,"reason":%q,"numbers":{"rows":%d}`, outcome, status, reason, e.line-1)
}

// row adds a row that is done at a moment.
func (e *exampleRun) row(done time.Time) {
	e.line++
	status, code, message, userStatus := worker.StatusConfirmed, "", "", ""
	refused := func(user, advice string) {
		status, code, userStatus = worker.StatusFailed, "NotAuthorizedException", user
		message = "User cannot be confirmed. Current status is " + user + "; " + advice
	}
	switch chance := e.random.Float64(); {
	case chance < 0.0079:
		refused("FORCE_CHANGE_PASSWORD", "set a permanent password instead (admin-set-user-password --permanent)")
	case chance < 0.0152:
		status, code, message = worker.StatusFailed, "UserNotFoundException", "User does not exist."
	case chance < 0.0184:
		refused("RESET_REQUIRED", "the user has to reset the password, or set a permanent one (admin-set-user-password --permanent)")
	case chance < 0.0215:
		status, code, message = worker.StatusTriggerFailed, "UserLambdaValidationException", "PostConfirmation failed with error Cannot send the welcome mail."
	case chance < 0.0225:
		refused("EXTERNAL_PROVIDER", "a federated user signs in through the provider and needs no confirmation")
	case chance < 0.0233:
		status, code, message = worker.StatusInvalid, "username_not_allowed", "character 4 is U+0020, which a username cannot contain"
	case chance < 0.0235:
		status, code, message = worker.StatusInvalid, "empty_username", "the username is empty"
	case chance < 0.044:
		status, code, message = worker.StatusAlreadyConfirmed, "NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED"
	}
	if status == worker.StatusInvalid {
		fmt.Fprintf(&e.report, "%d,user %07d,%s,%s,\"%s\",0,0,,,0,,%s\n", e.line, e.line, status, code, message, examplePool)
		return
	}
	attempts, throttled := 1, 0
	took := time.Duration(math.Exp(e.random.NormFloat64()*0.22+math.Log(88))) * time.Millisecond
	if e.random.Float64() < 0.0012 {
		took = time.Duration(3000+e.random.IntN(150)) * time.Millisecond
	}
	if e.random.Float64() < 0.0037 && e.line%7 < 3 {
		attempts, throttled, took = 2, 1, 2*took
	} else if e.random.Float64() < 0.0038 {
		attempts, took = 2, 3*took
	}
	id := fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", e.random.Uint32(), e.random.Uint32()>>16, e.random.Uint32()>>20, e.random.Uint32()>>20, e.random.Uint64()>>16)
	fmt.Fprintf(&e.report, "%d,user%07d@example.com,%s,%s,%q,%d,%d,%s,%s,%d,%s,%s\n", e.line, e.line, status, code, message, attempts, throttled, id,
		done.Add(-took).Format("2006-01-02T15:04:05.000Z"), took.Milliseconds(), userStatus, examplePool)
}

// options returns the example for a page, with its events or without.
func (e *exampleRun) options(withEvents bool) Options {
	o := Options{Report: strings.NewReader(e.report.String()), ReportName: "users.report.csv", Input: "users.csv", Failed: "users.failed.csv"}
	if withEvents {
		o.Events = strings.NewReader(e.events.String())
	}
	return o
}
