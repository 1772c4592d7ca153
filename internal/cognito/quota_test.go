package cognito

import (
	"context"
	"errors"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// secret is the service's own text, which no stream may have.
const secret = "User: arn:aws:iam::123456789012:user/ann is not authorized"

// TestQuota: whatever is answered, it is a quota or a few words of our own, after
// one call.
func TestQuota(t *testing.T) {
	known := fakecognito.New(fakecognito.Options{Quota: fakecognito.Quota{Rate: 49.6}})
	hidden := fakecognito.New(fakecognito.Options{Quota: fakecognito.Quota{Rate: 50}, HideQuota: true})
	blocked := fakecognito.New(fakecognito.Options{Quota: fakecognito.Quota{Blocked: true}})
	for _, test := range []struct {
		name   string
		answer http.RoundTripper
		quota  float64
		err    string
		took   time.Duration
	}{
		{name: "the stand-in's", answer: known, quota: 50},
		{name: "hidden", answer: hidden, err: "UnknownOperationException"},
		{name: "a quota of nothing", answer: blocked, err: "UnknownOperationException"},
		{name: "not allowed", answer: refuses(400, "AccessDeniedException", secret), err: "AccessDeniedException"},
		{name: "throttled", answer: refuses(400, "TooManyRequestsException", secret), err: "TooManyRequestsException"},
		{name: "a code that is a text", answer: refuses(400, "a text of many words", secret), err: "unknown_code"},
		{name: "HTML", answer: page(503), err: "HTTP 503"},
		{name: "HTML as a success", answer: page(200), err: "an answer that is not the service's"},
		{name: "nothing in it", answer: says(200, jsonType, "{}"), err: "there is none in the answer"},
		{name: "another spelling", answer: says(200, jsonType, `{"limit":{"ProvisionedLimitValue":50}}`), err: "an answer that is not the service's"},
		{name: "zero", answer: says(200, jsonType, `{"Limit":{"ProvisionedLimitValue":0}}`), err: "there is none in the answer"},
		{name: "another quota", answer: says(200, jsonType, `{"Limit":{"ProvisionedLimitValue":50,"LimitDefinition":{"LimitClass":"API_CATEGORY","Attributes":{"Category":"UserRead"}}}}`),
			err: "the answer is not about UserCreation"},
		{name: "a quota of everything", answer: says(200, jsonType, `{"Limit":{"ProvisionedLimitValue":10001,"LimitDefinition":{"LimitClass":"API_CATEGORY","Attributes":{"Category":"UserCreation"}}}}`),
			err: "the answer is more than can be believed"},
		{name: "more than a number holds", answer: says(200, jsonType, `{"Limit":{"ProvisionedLimitValue":1e300}}`), err: "an answer that is not the service's"},
		{name: "no connection", answer: breaks(syscall.ECONNREFUSED), err: "connection refused"},
		{name: "no answer", answer: exchange(silent), err: "no answer in time", took: 3 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				counted := roundTripper(func(r *http.Request) (*http.Response, error) {
					calls++
					return test.answer.RoundTrip(r)
				})
				start := time.Now()
				quota, err := Quota(t.Context(), prepare(plainClient(counted)))
				got := ""
				if err != nil {
					got = err.Error()
				}
				if quota != test.quota || got != test.err || time.Since(start) != test.took || calls != 1 {
					t.Errorf("%v, error %q after %v and %d calls", quota, got, time.Since(start), calls)
				}
			})
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

// TestQuotaInterrupted: whoever ends the run does not wait for the answer.
func TestQuotaInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("a signal")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(cause) })
		start := time.Now()
		if _, err := Quota(ctx, prepare(plainClient(exchange(silent)))); err != cause || time.Since(start) != time.Second {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
	})
}
