package userpool

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/worker"
)

const examplePool = "us-east-1_Example12"

// service is a stand-in whose answers may get lost.
type service struct {
	*fakecognito.Server
	calls int
	// answer, if it returns one, is sent in place of the stand-in's to the call of
	// this number, counted from 1.
	answer func(call int) *http.Response
}

// Do implements aws.HTTPClient.
func (s *service) Do(r *http.Request) (*http.Response, error) {
	s.calls++
	if s.answer != nil {
		if response := s.answer(s.calls); response != nil {
			response.Request = r
			return response, nil
		}
	}
	return s.RoundTrip(r)
}

func (s *service) client(t *testing.T) cognito.Client {
	t.Helper()
	client, err := cognito.NewClient(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://cognito.test"), HTTPClient: s,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// serve returns a service with this number of users, every third of them confirmed.
func serve(users int, o fakecognito.Options) *service {
	o.UserPoolID, o.LogCalls = examplePool, true
	s := fakecognito.New(o)
	for i := range users {
		status := fakecognito.Unconfirmed
		if i%3 == 2 {
			status = fakecognito.Confirmed
		}
		// Only one of them has an e-mail address: to ask for it would be refused.
		attributes := map[string]string{}
		if i == 0 {
			attributes["email"] = "first@example.com"
		}
		s.PutUser(fakecognito.User{Username: name(i), Status: status, Attributes: attributes})
	}
	return &service{Server: s}
}

func name(i int) string { return fmt.Sprintf("user%04d", i) }

// says returns an answer that does not come from the stand-in.
func says(status int, contentType, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {contentType}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

func exception(status int, code string) *http.Response {
	return says(status, "application/x-amz-json-1.1", `{"__type":"`+code+`","message":"User: x is not authorized"}`)
}

// collect walks to the end and returns the users' names.
func collect(t *testing.T, s *service, o Options) (names []string, state State, err error) {
	t.Helper()
	o.UserPoolID = examplePool
	o.Timeout, o.StallTimeout = cmp.Or(o.Timeout, 30*time.Second), cmp.Or(o.StallTimeout, 5*time.Minute)
	w := NewWalk(s.client(t), o)
	for user, err := range w.Users(t.Context()) {
		if err != nil {
			return names, w.State(), err
		}
		names = append(names, user.Username)
	}
	return names, w.State(), nil
}

const unconfirmed = `cognito:user_status = "UNCONFIRMED"`

// TestWalkSeesEveryUserOnce, whatever happens to pages on the way.
func TestWalkSeesEveryUserOnce(t *testing.T) {
	const users = 400
	var all, selected []string
	for i := range users {
		all = append(all, name(i))
		if i%3 != 2 {
			selected = append(selected, name(i))
		}
	}
	html := func() *http.Response { return says(503, "text/html", "<html>") }
	for title, test := range map[string]struct {
		filter string
		want   []string
		scan   int
		answer func(call int) *http.Response
	}{
		"full pages":            {want: all},
		"a filter":              {filter: unconfirmed, want: selected},
		"short pages":           {filter: unconfirmed, want: selected, scan: 7},
		"empty pages":           {filter: unconfirmed, want: selected, scan: 1},
		"no page with any":      {filter: `username = "nobody"`, scan: 50},
		"a page that fails":     {want: all, answer: only(3, html)},
		"the first page fails":  {want: all, answer: only(1, html)},
		"a throttled page":      {want: all, answer: only(2, func() *http.Response { return exception(400, "TooManyRequestsException") })},
		"a portal on the way":   {want: all, answer: only(4, func() *http.Response { return says(200, "application/json", "{}") })},
		"a portal at the start": {want: all, answer: only(1, func() *http.Response { return says(200, "application/json", `{"Users":null}`) })},
		"a clock that is wrong": {want: all, answer: only(1, func() *http.Response { return exception(400, "InvalidSignatureException") })},
		"a new error":           {want: all, answer: only(2, func() *http.Response { return exception(500, "SomethingNewException") })},
	} {
		t.Run(title, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(users, fakecognito.Options{ListScan: test.scan})
				s.answer = test.answer
				got, state, err := collect(t, s, Options{Filter: test.filter, Rate: 20})
				if err != nil || !slices.Equal(got, test.want) {
					t.Errorf("%d users, %v; want %d", len(got), err, len(test.want))
				}
				if state.Users != len(test.want) || state.Failures != 0 {
					t.Errorf("state %+v", state)
				}
			})
		})
	}
}

// only answers the call of a number.
func only(number int, answer func() *http.Response) func(int) *http.Response {
	return func(call int) *http.Response {
		if call == number {
			return answer()
		}
		return nil
	}
}

// TestWalkEnds where going on cannot help. The errors have none of the service's
// text in them.
func TestWalkEnds(t *testing.T) {
	always := func(answer func() *http.Response) func(int) *http.Response {
		return func(int) *http.Response { return answer() }
	}
	from := func(first int, answer func() *http.Response) func(int) *http.Response {
		return func(call int) *http.Response {
			if call >= first {
				return answer()
			}
			return nil
		}
	}
	for title, test := range map[string]struct {
		answer func(call int) *http.Response
		want   string
		calls  int // 0: as many as it takes
	}{
		"denied": {always(func() *http.Response { return exception(400, "AccessDeniedException") }),
			"list users: AccessDeniedException", 1},
		"no longer allowed": {from(3, func() *http.Response { return exception(400, "AccessDeniedException") }),
			"list users: AccessDeniedException", 3},
		"a token that is refused": {from(2, func() *http.Response { return exception(400, "InvalidParameterException") }),
			"list users: InvalidParameterException", 2},
		"a wrong signature": {always(func() *http.Response { return exception(400, "InvalidSignatureException") }),
			"list users: InvalidSignatureException", 2},
		"a proxy that wants a password": {always(func() *http.Response { return says(407, "text/html", "") }),
			"the service was not reached: the proxy asks for a user and a password", 1},
		"a page without an end": {from(2, func() *http.Response {
			return says(200, "application/x-amz-json-1.1", `{"Users":[],"PaginationToken":"again"}`)
		}), "list users: the service answers with the same page token again", 3},
		"an outage": {from(2, func() *http.Response { return says(503, "text/html", "<html>") }),
			"no call got through for 5m0s; the last one: HTTP 503", 0},
		"throttles without an end": {from(2, func() *http.Response { return exception(400, "TooManyRequestsException") }),
			"no call got through for 5m0s; the last one: TooManyRequestsException", 0},
	} {
		t.Run(title, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(200, fakecognito.Options{})
				s.answer = test.answer
				began := time.Now()
				_, _, err := collect(t, s, Options{Rate: 20})
				if err == nil || err.Error() != test.want {
					t.Errorf("%v, want %s", err, test.want)
				}
				if test.calls > 0 && s.calls != test.calls {
					t.Errorf("%d calls, want %d", s.calls, test.calls)
				}
				if took := time.Since(began); test.calls == 0 && (took < 5*time.Minute || took > 6*time.Minute) {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// TestWalkInCircles: page tokens that come again end a walk, however many lie
// between, before it has gone round three times.
func TestWalkInCircles(t *testing.T) {
	for _, circle := range []struct{ before, length int }{{0, 1}, {0, 2}, {0, 3}, {1, 3}, {2, 2}, {5, 7}, {40, 100}, {100, 3}} {
		synctest.Test(t, func(t *testing.T) {
			s := serve(0, fakecognito.Options{})
			s.answer = func(call int) *http.Response {
				at := call - 1
				if at >= circle.before {
					at = circle.before + (at-circle.before)%circle.length
				}
				return says(200, "application/x-amz-json-1.1", fmt.Sprintf(`{"Users":[{"Username":"user"}],"PaginationToken":"t%d"}`, at))
			}
			_, _, err := collect(t, s, Options{Rate: 20, StallTimeout: time.Minute})
			if !errors.Is(err, errTokenAgain) || s.calls > 3*(circle.before+circle.length)+2 {
				t.Errorf("%+v: %v after %d calls", circle, err, s.calls)
			}
		})
	}
}

// TestWalkPace: its own rate is never exceeded, and that of the service not for long.
func TestWalkPace(t *testing.T) {
	for _, test := range []struct {
		rate, quota float64
	}{{20, 0}, {5, 0}, {40, 30}} {
		synctest.Test(t, func(t *testing.T) {
			s := serve(400, fakecognito.Options{ListScan: 1, ListQuota: fakecognito.Quota{Rate: test.quota}, Latency: time.Millisecond})
			began := time.Now()
			names, state, err := collect(t, s, Options{Rate: test.rate})
			if err != nil || len(names) != 400 {
				t.Fatalf("%d users, %v", len(names), err)
			}
			calls := s.Server.Calls()
			for i := range calls {
				in := 0
				for j := i; j < len(calls) && calls[j].Received.Sub(calls[i].Received) < time.Second; j++ {
					in++
				}
				// A burst of 10 ms, and the call at the very start of the second.
				if float64(in) > test.rate*1.01+2 {
					t.Fatalf("%d calls in a second, at most %g were allowed", in, test.rate)
				}
			}
			throttled := s.Counts().Throttled
			if float64(throttled) > 0.1*float64(len(calls)) || state.Throttled != throttled {
				t.Errorf("%d of %d calls were throttled, and the walk knows of %d", throttled, len(calls), state.Throttled)
			}
			if took := time.Since(began); test.quota == 0 && took < time.Duration(399/test.rate)*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// TestWalkIsInterrupted: at once, whatever it waits for.
func TestWalkIsInterrupted(t *testing.T) {
	for title, answer := range map[string]func(int) *http.Response{
		"between two calls": nil,
		"after a failure":   func(int) *http.Response { return says(503, "text/html", "<html>") },
	} {
		t.Run(title, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cause := errors.New("a signal")
				ctx, cancel := context.WithCancelCause(t.Context())
				s := serve(200, fakecognito.Options{ListScan: 1, Latency: 30 * time.Millisecond})
				s.answer = answer
				began := time.Now()
				time.AfterFunc(2*time.Second, func() { cancel(cause) })
				var last error
				for _, last = range NewWalk(s.client(t), Options{UserPoolID: examplePool, Rate: 20, Timeout: time.Second, StallTimeout: time.Minute}).Users(ctx) {
				}
				if !errors.Is(last, cause) || time.Since(began) != 2*time.Second {
					t.Errorf("%v after %v", last, time.Since(began))
				}
			})
		})
	}
}

// TestWalkTimesOut: a call without an answer is given up and made again.
func TestWalkTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(10, fakecognito.Options{Latency: time.Minute})
		_, state, err := collect(t, s, Options{Rate: 20, Timeout: time.Second, StallTimeout: 10 * time.Second})
		stall, ok := errors.AsType[*worker.StallError](err)
		if !ok || stall.Code != "timeout" || state.Failures < 3 {
			t.Errorf("%v, state %+v", err, state)
		}
	})
}
