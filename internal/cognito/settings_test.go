package cognito

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// TestDescribePool: whatever is answered, it is settings or a few words of our own,
// after one call.
func TestDescribePool(t *testing.T) {
	const start = `{"UserPool":{"Id":"` + examplePool + `"`
	aliases := fakecognito.New(fakecognito.Options{UserPoolID: examplePool, AliasAttributes: []string{"email", "preferred_username"}})
	aliases.AddUser("ann", fakecognito.Unconfirmed)
	emails := fakecognito.New(fakecognito.Options{UsernameAttributes: []string{"email"}})
	elsewhere := fakecognito.New(fakecognito.Options{UserPoolID: "us-east-1_Other"})
	for _, test := range []struct {
		name     string
		answer   http.RoundTripper
		settings PoolSettings
		err      string
		took     time.Duration
	}{
		{name: "a pool with aliases", answer: aliases, settings: PoolSettings{AliasAttributes: []string{"email", "preferred_username"}, Users: 1}},
		{name: "a pool that signs in by e-mail", answer: emails, settings: PoolSettings{UsernameAttributes: []string{"email"}}},
		{name: "no case", answer: says(200, jsonType, start+`,"UsernameConfiguration":{"CaseSensitive":false}}}`), settings: PoolSettings{CaseInsensitive: true}},
		{name: "nothing said", answer: says(200, jsonType, start+`}}`)},
		{name: "another pool", answer: elsewhere, err: "ResourceNotFoundException"},
		{name: "not allowed", answer: refuses(400, "AccessDeniedException", secret), err: "AccessDeniedException"},
		{name: "HTML", answer: page(503), err: "HTTP 503"},
		{name: "HTML as a success", answer: page(200), err: "an answer that is not the service's"},
		{name: "nothing in it", answer: says(200, jsonType, "{}"), err: "the pool is not in the answer"},
		{name: "the answer about another", answer: says(200, jsonType, `{"UserPool":{"Id":"us-east-1_Other"}}`), err: "the pool is not in the answer"},
		{name: "no connection", answer: breaks(syscall.ECONNREFUSED), err: "connection refused"},
		{name: "no answer", answer: exchange(silent), err: "no answer in time", took: 3 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				settings, err := DescribePool(t.Context(), prepare(plainClient(test.answer)), examplePool)
				got := ""
				if err != nil {
					got = err.Error()
				}
				if !reflect.DeepEqual(settings, test.settings) || got != test.err || time.Since(began) != test.took {
					t.Errorf("%+v, error %q after %v", settings, got, time.Since(began))
				}
			})
		})
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("a signal")
	cancel(cause)
	if _, err := DescribePool(ctx, prepare(plainClient(exchange(silent))), examplePool); !errors.Is(err, cause) {
		t.Errorf("interrupted: %v", err)
	}
}
