package worker_test

import (
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/worker"
)

// attempt is what came of one call, as the stand-in and the wire saw it.
type attempt struct {
	sent, ended time.Time
	code        string // as a result has it
	requestID   string
	answered    bool
	neverSent   bool
}

func (a attempt) throttled() bool {
	return a.answered && (a.code == "TooManyRequestsException" || a.code == "http_429")
}

// transient reports whether another attempt was due.
func (a attempt) transient() bool {
	return !a.answered || a.code == "InternalErrorException" || a.code == "http_500" || a.code == "http_502" || a.code == "http_503"
}

// fatal reports whether the answer ended the run.
func (a attempt) fatal() bool {
	return a.code == "AccessDeniedException" || a.code == "UnrecognizedClientException" || a.code == "ResourceNotFoundException"
}

// final reports whether the answer was the row's outcome.
func (a attempt) final() bool {
	// An InvalidSignatureException deserves another attempt, or is fatal.
	return !a.transient() && !a.throttled() && !a.fatal() && a.code != "InvalidSignatureException"
}

func lineOf(metadata map[string]string) int {
	line, _ := strconv.Atoi(metadata["line"])
	return line
}

// collect puts together what happened to each row.
func (r *randomRun) collect() {
	r.attempts = make(map[int][]attempt)
	for _, call := range r.service.Calls() {
		a := attempt{sent: call.Received, ended: call.Answered, code: call.Code, requestID: call.RequestID}
		switch {
		case a.ended.Sub(a.sent) >= r.options.Timeout:
			a.code = "timeout"
		case a.code == "reset", a.code == "truncated":
			a.code = "connection"
		case a.code == "200":
			a.code = "unexpected_answer"
		case len(a.code) == 3:
			a.code, a.requestID, a.answered = "http_"+a.code, "", true
		default:
			a.answered = true
		}
		line := lineOf(call.ClientMetadata)
		r.attempts[line] = append(r.attempts[line], a)
	}
	for line, times := range r.wire.refused {
		for _, at := range times {
			r.attempts[line] = append(r.attempts[line], attempt{sent: at, ended: at, code: "connection", neverSent: true})
		}
	}
	for _, attempts := range r.attempts {
		slices.SortStableFunc(attempts, func(a, b attempt) int { return a.sent.Compare(b.sent) })
	}
	r.dropQuestions()
}

// dropQuestions removes the attempts for rows that had succeeded. They are made before a
// fatal answer ends the run, and a throttle has them made again.
func (r *randomRun) dropQuestions() {
	questions, fatal := 0, 0
	for _, result := range r.sink.results {
		line := result.Row.Line
		if !result.Status.Succeeded() || len(r.attempts[line]) <= result.Attempts {
			continue
		}
		for _, a := range r.attempts[line][result.Attempts:] {
			if !a.throttled() {
				questions++
			}
		}
		r.attempts[line] = r.attempts[line][:result.Attempts]
	}
	for _, attempts := range r.attempts {
		for _, a := range attempts {
			if a.fatal() || a.code == "InvalidSignatureException" {
				fatal++
			}
		}
	}
	r.tooManyQuestions = questions > fatal
}

// checkLines: each result is that of a row, and no row has two.
func (r *randomRun) checkLines(t *testing.T) {
	seen := make(map[int]bool)
	for _, result := range r.sink.results {
		line := result.Row.Line
		if !slices.ContainsFunc(r.rows, func(row worker.Row) bool { return reflect.DeepEqual(row, result.Row) }) {
			t.Errorf("line %d: a result of a row that never was: %+v", line, result)
		}
		if seen[line] {
			t.Errorf("line %d has a second result: %+v", line, result)
		}
		seen[line] = true
	}
}

func (r *randomRun) checkEveryRowIsDone(t *testing.T) {
	if len(r.sink.results) != len(r.rows) {
		t.Errorf("%d results of %d rows", len(r.sink.results), len(r.rows))
	}
}

// checkEachResult compares every row with its attempts: its result, and that a row
// without a result had no final answer.
func (r *randomRun) checkEachResult(t *testing.T) {
	done := make(map[int]bool)
	if r.tooManyQuestions {
		t.Error("rows that had succeeded were asked again, more often than there were fatal answers")
	}
	for _, result := range r.sink.results {
		done[result.Row.Line] = true
		want := r.expected(result.Row)
		if result.Row.Invalid == nil {
			want.Message = result.Message // the other tests look at it
		}
		if !reflect.DeepEqual(result, want) {
			t.Errorf("line %d: %+v\nwant %+v\nafter %+v", result.Row.Line, result, want, r.attempts[result.Row.Line])
		}
	}
	for _, row := range r.rows {
		attempts, failures := r.attempts[row.Line], 0
		for i, a := range attempts {
			if a.transient() {
				failures++
			}
			if i < len(attempts)-1 && (a.final() || failures >= r.options.MaxAttempts) {
				t.Errorf("line %d: attempts after the last one: %+v", row.Line, attempts)
			}
		}
		// A fatal answer ends the run, or is the row's own when it comes again.
		if n := len(attempts); n > 0 && (attempts[n-1].fatal() || attempts[n-1].code == "InvalidSignatureException") {
			continue
		}
		ended := len(attempts) > 0 && (attempts[len(attempts)-1].final() || failures >= r.options.MaxAttempts)
		if !r.lost[row.Line] && row.Invalid == nil && ended != done[row.Line] {
			t.Errorf("line %d: has a result: %v, came to an end: %v: %+v", row.Line, done[row.Line], ended, attempts)
		}
	}
}

// expected is the result that a row's attempts come to.
func (r *randomRun) expected(row worker.Row) worker.Result {
	if row.Invalid != nil {
		return worker.Result{Row: row, Status: worker.StatusInvalid, Code: row.Invalid.Code, Message: row.Invalid.Message}
	}
	attempts := r.attempts[row.Line]
	want := worker.Result{Row: row, Attempts: len(attempts)}
	if len(attempts) == 0 {
		return want
	}
	last, lost := attempts[len(attempts)-1], false
	for _, a := range attempts {
		if a.answered {
			want.RequestID = a.requestID
		}
		if a.throttled() {
			want.Throttled++
		}
		lost = lost || a.transient() && !a.neverSent
	}
	want.StartedAt, want.Duration, want.Code = attempts[0].sent, last.ended.Sub(attempts[0].sent), last.code
	before := r.before[row.Username]
	if last.code == "NotAuthorizedException" {
		want.UserStatus = max(before, fakecognito.Confirmed).String()
	}
	switch {
	case last.code == "":
		want.Status = worker.StatusConfirmed
	case last.code == "NotAuthorizedException" && before <= fakecognito.Confirmed && lost:
		want.Status, want.Code = worker.StatusConfirmed, ""
	case last.code == "NotAuthorizedException" && before <= fakecognito.Confirmed:
		want.Status = worker.StatusAlreadyConfirmed
	case last.code == "UserLambdaValidationException":
		want.Status = worker.StatusTriggerFailed
	default:
		want.Status = worker.StatusFailed
	}
	return want
}

// checkTotals compares what the limiter was told with the attempts of all rows.
func (r *randomRun) checkTotals(t *testing.T) {
	var observed []observation
	total := 0
	for _, attempts := range r.attempts {
		total += len(attempts)
		for _, a := range attempts {
			observed = append(observed, observation{a.sent, a.throttled(), a.transient()})
		}
	}
	if r.limiter.tokens != total {
		t.Errorf("%d tokens were paid for %d attempts", r.limiter.tokens, total)
	}
	bySent := func(a, b observation) int { return a.sent.Compare(b.sent) }
	slices.SortFunc(observed, bySent)
	slices.SortFunc(r.limiter.observed, bySent)
	if !slices.Equal(r.limiter.observed, observed) {
		t.Errorf("observed %v\nwant %v", r.limiter.observed, observed)
	}
}

// checkStandIn compares the results with the state that the users were left in,
// and the calls with the rows.
func (r *randomRun) checkStandIn(t *testing.T) {
	for _, result := range r.sink.results {
		status, known := r.service.UserStatus(result.Row.Username)
		if confirmed := known && status == fakecognito.Confirmed; !confirmed && (result.Status.Succeeded() || result.Status == worker.StatusTriggerFailed) {
			t.Errorf("line %d is %s, the user %v (known %v)", result.Row.Line, result.Status, status, known)
		}
	}
	for _, call := range r.service.Calls() {
		if !slices.ContainsFunc(r.rows, func(row worker.Row) bool {
			return row.Line == lineOf(call.ClientMetadata) && row.Username == call.Username && row.Invalid == nil
		}) {
			t.Errorf("a call for no row: %+v", call)
		}
	}
}

// checkNoCallAfter: no attempt began later than that.
func (r *randomRun) checkNoCallAfter(t *testing.T, limit time.Duration) {
	for line, attempts := range r.attempts {
		for _, a := range attempts {
			if after := a.sent.Sub(r.start); after > limit {
				t.Errorf("line %d was called after %v", line, after)
			}
		}
	}
}
