package cognito

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"cognito-confirm/worker"
)

// fakeSource is a provider whose credentials last an hour, and that fails when told to.
type fakeSource struct {
	mu      sync.Mutex
	key     string
	fails   error
	fetches int
}

func (s *fakeSource) Retrieve(context.Context) (aws.Credentials, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fetches++
	if s.fails != nil {
		return aws.Credentials{}, s.fails
	}
	return aws.Credentials{AccessKeyID: s.key, SecretAccessKey: "secret", CanExpire: true, Expires: time.Now().Add(time.Hour)}, nil
}

func (s *fakeSource) set(key string, fails error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key, s.fails = key, fails
}

// renewing returns credentials over the source, as Load makes them.
func renewing(t *testing.T, s *fakeSource) *renewingCredentials {
	t.Helper()
	r, err := renewCredentials(t.Context(), s, func(context.Context) (aws.CredentialsProvider, error) { return s, nil })
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// signedBy is a client whose requests these credentials sign.
func signedBy(r *renewingCredentials, service *wiretap) Client {
	return prepare(plainClient(service, func(o *cognitoidentityprovider.Options) { o.Credentials = r }))
}

// askAs makes one call of a run.
func askAs(t *testing.T, call func(context.Context, worker.Row) worker.Answer) worker.Answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	return call(ctx, worker.Row{Line: 2, Username: "ann"})
}

// TestCredentialsAreRenewed in time, and a source that fails meanwhile is not
// noticed as long as the last credentials are valid.
func TestCredentialsAreRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, service := &fakeSource{key: "FIRST"}, tap()
		call := ConfirmSignUp(signedBy(renewing(t, s), service), examplePool, nil)
		ask := func(after time.Duration) worker.Answer {
			time.Sleep(after)
			answer := askAs(t, call)
			synctest.Wait()
			return answer
		}
		key := func() string { return service.requests[len(service.requests)-1].header.Get("Authorization") }

		wantAnswer(t, ask(0), done)
		s.set("SECOND", errors.New("503"))
		for range 4 { // the renewal is due five minutes before the end, and fails
			wantAnswer(t, ask(57*time.Minute/4+time.Second), done)
		}
		if !strings.Contains(key(), "FIRST") {
			t.Errorf("signed with %s", key())
		}
		s.set("SECOND", nil)
		wantAnswer(t, ask(time.Minute), done) // starts the next attempt
		wantAnswer(t, ask(time.Second), done)
		if !strings.Contains(key(), "SECOND") {
			t.Errorf("signed with %s after the source had come back", key())
		}
	})
}

// TestNoCredentialsLeft: when the last ones have ended and there are no others,
// nothing is sent, and that is no row's failure.
func TestNoCredentialsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, service := &fakeSource{key: "FIRST"}, tap()
		call := ConfirmSignUp(signedBy(renewing(t, s), service), examplePool, nil)
		wantAnswer(t, askAs(t, call), done)
		s.set("SECOND", errors.New("the session\nof hunter2 has expired"))
		time.Sleep(2 * time.Hour)
		got := askAs(t, call)
		if got.Verdict != worker.Transient || got.Code != "credentials" || got.MaybeDone || strings.Contains(got.Message, "hunter2") || len(service.requests) != 1 {
			t.Errorf("got %+v after %d requests", got, len(service.requests))
		}
		s.set("SECOND", nil)
		time.Sleep(2 * time.Second)
		wantAnswer(t, askAs(t, call), done)
	})
}

// TestExpiredToken: the configuration is read again. With other credentials the
// attempt is repeated; with the same ones a run cannot begin, and one that has
// begun waits.
func TestExpiredToken(t *testing.T) {
	expired := refuses(400, "ExpiredTokenException", "expired")
	for _, test := range []struct {
		name          string
		proven, other bool
		want          worker.Verdict
	}{
		{"other credentials at the start", false, true, worker.FatalIfRepeated},
		{"other credentials later", true, true, worker.FatalIfRepeated},
		{"the same at the start", false, false, worker.Fatal},
		{"the same later", true, false, worker.Transient},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, service := &fakeSource{key: "FIRST"}, tap()
				call := ConfirmSignUp(signedBy(renewing(t, s), service), examplePool, nil)
				if test.proven {
					wantAnswer(t, askAs(t, call), done)
				}
				if test.other {
					s.set("SECOND", nil)
				}
				service.answer = expired
				if got := askAs(t, call); got.Verdict != test.want || got.Code != "ExpiredTokenException" {
					t.Errorf("got %+v, want verdict %d", got, test.want)
				}
				if test.other {
					service.answer = says(200, jsonType, "{}")
					wantAnswer(t, askAs(t, call), done)
					if last := service.requests[len(service.requests)-1]; !strings.Contains(last.header.Get("Authorization"), "SECOND") {
						t.Error("signed with the credentials that had expired")
					}
				}
			})
		})
	}
}

// TestKeysThatCannotBe are refused before any call, and never printed.
func TestKeysThatCannotBe(t *testing.T) {
	for name, keys := range map[string]aws.Credentials{
		"a line break in the key":    {AccessKeyID: "AKID\n", SecretAccessKey: "hunter2"},
		"a space in the secret":      {AccessKeyID: "AKID", SecretAccessKey: "hunter2 "},
		"a line break in the secret": {AccessKeyID: "AKID", SecretAccessKey: "hunter2\r\n"},
		"a line break in the token":  {AccessKeyID: "AKID", SecretAccessKey: "hunter2", SessionToken: "to\nken"},
	} {
		provider := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil })
		_, err := renewCredentials(t.Context(), provider, nil)
		target, ok := errors.AsType[*TargetError](err)
		if !ok || strings.Contains(target.Message+target.Hint, "hunter2") || strings.ContainsAny(target.Message+target.Hint, "\r\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLegacyRetryMode, which other SDKs know, is taken as standard.
func TestLegacyRetryMode(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	for _, mode := range []string{"legacy", "LEGACY", "standard"} {
		t.Setenv("AWS_RETRY_MODE", mode)
		if _, err := (Target{UserPoolID: examplePool}).Load(t.Context()); err != nil {
			t.Errorf("%s: %v", mode, err)
		}
	}
}
