package cognito

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// TestCheckAliases: an attribute is marked only where it is known not to be an alias.
func TestCheckAliases(t *testing.T) {
	pool := func(o fakecognito.Options) http.RoundTripper { return fakecognito.New(o) }
	target := Target{UserPoolID: examplePool}
	described := func(pool string) exchange { return says(200, jsonType, `{"UserPool":`+pool+`}`) }
	for _, test := range []struct {
		name   string
		answer http.RoundTripper
		taken  []string
		cause  string
		calls  int    // 0: one
		hint   string // "": any
	}{
		{name: "usernames", answer: pool(fakecognito.Options{})},
		{name: "e-mail addresses in the place of usernames", answer: pool(fakecognito.Options{UsernameAttributes: []string{"email"}})},
		{name: "another alias", answer: pool(fakecognito.Options{AliasAttributes: []string{"preferred_username"}})},
		{name: "an alias", answer: pool(fakecognito.Options{AliasAttributes: []string{"preferred_username", "phone_number"}}), taken: []string{"phone_number"}},
		{name: "both", answer: pool(fakecognito.Options{AliasAttributes: []string{"phone_number", "email"}}), taken: []string{"email", "phone_number"}},
		{name: "denied", answer: refuses(400, "AccessDeniedException", "no"), cause: "AccessDeniedException"},
		{name: "not a pool", answer: refuses(400, "ResourceNotFoundException", "no"), cause: "ResourceNotFoundException"},
		{name: "an emulator that cannot", answer: refuses(400, "UnknownOperationException", "no"), cause: "UnknownOperationException"},
		{name: "no pool in the answer", answer: says(200, jsonType, `{}`), cause: "the pool is not in the answer", calls: 5},
		{name: "a pool that is spelt otherwise", answer: says(200, jsonType, `{"userPool":{"id":"x"}}`), cause: "an answer that is not the service's", calls: 5},
		{name: "an alias that is spelt otherwise", answer: described(`{"Id":"` + examplePool + `","AliasAttributes":["EMAIL"]}`), taken: []string{"email"}},
		{name: "a pool with nothing in it", answer: described(`{}`), cause: "the pool is not in the answer", calls: 5},
		{name: "HTML", answer: page(200), cause: "an answer that is not the service's", calls: 5},
		{name: "no such host", answer: breaks(&net.DNSError{Err: "no such host", IsNotFound: true}), cause: "the host does not exist", hint: "no such host: look at --endpoint-url, --region and this machine's DNS"},
		{name: "throttled", answer: refuses(400, "TooManyRequestsException", "no"), cause: "TooManyRequestsException", calls: 5},
		{name: "away", answer: breaks(syscall.ECONNREFUSED), cause: "connection refused", calls: 5},
		{name: "silent", answer: exchange(silent), cause: "no answer in time", calls: 5},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				counted := roundTripper(func(r *http.Request) (*http.Response, error) {
					calls++
					return test.answer.RoundTrip(r)
				})
				err := CheckAliases(t.Context(), prepare(plainClient(counted)), examplePool, []string{"email", "phone_number"})
				alias, refused := errors.AsType[*AliasError](err)
				if want := test.taken != nil || test.cause != ""; refused != want || !refused && err != nil {
					t.Fatalf("error %v", err)
				}
				if refused && (!slices.Equal(alias.Attributes, test.taken) || alias.Cause != test.cause || alias.Transient != (test.calls == 5) || !strings.HasPrefix(alias.Hint(target), test.hint) || alias.Hint(target) == "" || strings.Contains(err.Error(), "\n")) {
					t.Errorf("error %+v", alias)
				}
				if refused && test.hint != "" && strings.Contains(alias.Hint(target), "--allow-alias-takeover") {
					t.Errorf("hint %q", alias.Hint(target))
				}
				if calls != max(1, test.calls) {
					t.Errorf("%d calls", calls)
				}
			})
		})
	}
}

// TestCheckAliasesInterrupted: nobody waits for the next try.
func TestCheckAliasesInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("a signal")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(3*time.Second, func() { cancel(cause) })
		start := time.Now()
		if err := CheckAliases(ctx, prepare(plainClient(page(503))), examplePool, []string{"email"}); err != cause || time.Since(start) != 3*time.Second {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
	})
}
