package cognito

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"cognito-confirm/worker"
)

// fakeSource is a provider whose credentials last an hour, and that fails when told to.
type fakeSource struct {
	mu      sync.Mutex
	key     string
	of      string // the name of the provider
	takes   time.Duration
	lasts   time.Duration // 0: an hour
	fails   error
	fetches int
}

func (s *fakeSource) Retrieve(ctx context.Context) (aws.Credentials, error) {
	s.mu.Lock()
	s.fetches++
	takes := s.takes
	s.mu.Unlock()
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		return aws.Credentials{}, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails != nil {
		return aws.Credentials{}, s.fails
	}
	return aws.Credentials{AccessKeyID: s.key, SecretAccessKey: "secret", Source: s.of, CanExpire: true, Expires: time.Now().Add(cmp.Or(s.lasts, time.Hour))}, nil
}

func (s *fakeSource) set(key string, fails error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key, s.fails = key, fails
}

func (s *fakeSource) slow(takes time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.takes = takes
}

func (s *fakeSource) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fetches
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
// nothing is sent, and no row fails for it.
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

// TestExpiredTokenAndNoOthers: a source that fails when it is asked for other
// credentials is a transient failure, and nothing is signed with those that the
// service refused.
func TestExpiredTokenAndNoOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, service := &fakeSource{key: "FIRST"}, tap()
		call := ConfirmSignUp(signedBy(renewing(t, s), service), examplePool, nil)
		service.answer = refuses(400, "ExpiredTokenException", "expired")
		s.set("SECOND", errors.New("503"))
		if got := askAs(t, call); got.Verdict != worker.Transient || got.Code != "ExpiredTokenException" {
			t.Errorf("got %+v, want that it is transient", got)
		}
		if got := askAs(t, call); got.Verdict != worker.Transient || got.Code != "credentials" || len(service.requests) != 1 {
			t.Errorf("got %+v after %d requests, want no second one", got, len(service.requests))
		}
		s.set("SECOND", nil)
		service.answer = says(200, jsonType, "{}")
		time.Sleep(2 * time.Second)
		wantAnswer(t, askAs(t, call), done)
	})
}

// TestOthersThatNeverWork: a source that gives other credentials each time, all of
// which fail, ends a run only before its first success.
func TestOthersThatNeverWork(t *testing.T) {
	for _, test := range []struct {
		proven bool
		later  worker.Verdict
	}{
		{true, worker.Transient},
		{false, worker.FatalIfRepeated},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, service := &fakeSource{key: "KEY"}, tap()
			call := ConfirmSignUp(signedBy(renewing(t, s), service), examplePool, nil)
			if test.proven {
				wantAnswer(t, askAs(t, call), done)
			}
			service.answer = refuses(400, "ExpiredToken", "expired")
			want := worker.FatalIfRepeated
			for n := range 4 {
				s.set(strings.Repeat("X", n+1), nil)
				if got := askAs(t, call); got.Verdict != want {
					t.Errorf("proven %v, attempt %d: got %+v, want verdict %d", test.proven, n, got, want)
				}
				want = test.later
				time.Sleep(2 * time.Second)
			}
		})
	}
}

// TestConfigurationIsReadAgain when the service calls the credentials expired:
// static ones do not change otherwise. All workers get the refusal at once, and
// one of them reads.
func TestConfigurationIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		static := func(key string) aws.CredentialsProvider {
			return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: key, SecretAccessKey: "secret"}, nil
			})
		}
		loads := 0
		r, err := renewCredentials(t.Context(), static("FIRST"), func(context.Context) (aws.CredentialsProvider, error) {
			loads++
			return static("SECOND"), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		service := tap()
		service.answer = func(r *http.Request) (*http.Response, error) {
			if strings.Contains(r.Header.Get("Authorization"), "SECOND") {
				return says(200, jsonType, "{}")(r)
			}
			return refuses(400, "ExpiredTokenException", "expired")(r)
		}
		call := ConfirmSignUp(signedBy(r, service), examplePool, nil)
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				if got := askAs(t, call); got.Verdict != worker.FatalIfRepeated && got.Verdict != worker.Done {
					t.Errorf("got %+v", got)
				}
			})
		}
		group.Wait()
		wantAnswer(t, askAs(t, call), done)
		if loads != 1 {
			t.Errorf("the configuration was read %d times, want 1", loads)
		}
	})
}

// TestSourceThatHangs: while the credentials are valid, no attempt waits for the
// source. Afterwards each waits until its own timeout. One fetch serves all.
func TestSourceThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hangs atomic.Bool
		var fetches atomic.Int32
		source := aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
			fetches.Add(1)
			if hangs.Load() {
				<-ctx.Done()
				return aws.Credentials{}, ctx.Err()
			}
			return aws.Credentials{AccessKeyID: "KEY", SecretAccessKey: "secret", CanExpire: true, Expires: time.Now().Add(time.Hour)}, nil
		})
		r, err := renewCredentials(t.Context(), source, nil)
		if err != nil {
			t.Fatal(err)
		}
		call := ConfirmSignUp(signedBy(r, tap()), examplePool, nil)
		hangs.Store(true)
		time.Sleep(56 * time.Minute)
		start := time.Now()
		for range 10 {
			wantAnswer(t, askAs(t, call), done)
		}
		synctest.Wait()
		if took := time.Since(start); took != 0 || fetches.Load() != 2 {
			t.Errorf("took %v and %d fetches, want no time and 2", took, fetches.Load())
		}
		time.Sleep(5 * time.Minute)
		start = time.Now()
		got := askAs(t, call)
		if took := time.Since(start); got.Verdict != worker.Transient || got.Code != "credentials" || got.MaybeDone || took > 30*time.Second {
			t.Errorf("got %+v after %v", got, took)
		}
		hangs.Store(false)
		time.Sleep(2 * time.Minute)
		wantAnswer(t, askAs(t, call), done)
	})
}

// TestRenewedKeysThatCannotBe are as if there were none: the last ones go on.
func TestRenewedKeysThatCannotBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, service := &fakeSource{key: "FIRST"}, tap()
		call := ConfirmSignUp(signedBy(renewing(t, s), service), examplePool, nil)
		s.set("hunter2\nX", nil)
		time.Sleep(56 * time.Minute)
		for range 3 {
			wantAnswer(t, askAs(t, call), done)
			synctest.Wait()
		}
		time.Sleep(time.Hour)
		got := askAs(t, call)
		if got.Verdict != worker.Transient || got.Code != "credentials" || !strings.Contains(got.Message, "the access key id has a line break in it") ||
			strings.Contains(got.Message, "hunter2") || len(service.requests) != 3 {
			t.Errorf("got %+v after %d requests", got, len(service.requests))
		}
	})
}

// TestCacheOfTheSDK: it knows only the end of credentials, and is told when it
// is time before that.
func TestCacheOfTheSDK(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeSource{key: "FIRST"}
		r, err := renewCredentials(t.Context(), aws.NewCredentialsCache(s), nil)
		if err != nil {
			t.Fatal(err)
		}
		s.set("SECOND", nil)
		time.Sleep(56 * time.Minute)
		for _, want := range []string{"FIRST", "SECOND"} { // the first one starts the renewal
			got, err := r.Retrieve(t.Context())
			synctest.Wait()
			if err != nil || got.AccessKeyID != want {
				t.Errorf("%s, %v; want %s", got.AccessKeyID, err, want)
			}
		}
	})
}

// TestOneFetchForAll: rows that need credentials at the same time get them of
// one fetch, and so do rows whose credentials have expired at the same time.
func TestOneFetchForAll(t *testing.T) {
	const rows = 50
	for name, service := range map[string]*wiretap{
		"ended":   tap(),
		"expired": {answer: refuses(400, "ExpiredTokenException", "expired")},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &fakeSource{key: "FIRST"}
				call := ConfirmSignUp(signedBy(renewing(t, s), service), examplePool, nil)
				if name == "ended" {
					time.Sleep(time.Hour)
				}
				s.slow(time.Second)
				for range rows {
					go askAs(t, call)
				}
				time.Sleep(2 * time.Second)
				if got := s.count(); got != 2 {
					t.Errorf("%d fetches, want one at the start and one more", got)
				}
			})
		})
	}
}

// TestPausesOfAFailingSource: it is asked less and less while the last
// credentials are valid, and once a second at most when they are not.
func TestPausesOfAFailingSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeSource{key: "FIRST"}
		r := renewing(t, s)
		s.set("", errors.New("503"))
		ask := func(lasts time.Duration) (fetches int) {
			before := s.count()
			for end := time.Now().Add(lasts); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
				r.Retrieve(t.Context())
				synctest.Wait()
			}
			return s.count() - before
		}
		if got := ask(55 * time.Minute); got != 0 {
			t.Errorf("%d fetches before it is time", got)
		}
		// After 0, 1, 3, 7, 15, 31 and 63 s, and then every minute.
		if got := ask(5 * time.Minute); got != 10 {
			t.Errorf("%d fetches in the last five minutes, want 10", got)
		}
		if got := ask(10 * time.Second); got != 10 {
			t.Errorf("%d fetches in ten seconds without credentials, want 10", got)
		}
	})
}

// TestCredentialsThatStay are fetched once: without an end, or of an instance,
// whose source may be gone for hours while they go on working.
func TestCredentialsThatStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fetches := 0
		provider := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			fetches++
			return aws.Credentials{AccessKeyID: "STATIC", SecretAccessKey: "secret"}, nil
		})
		r, err := renewCredentials(t.Context(), provider, nil)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(1000 * time.Hour)
		if got, err := r.Retrieve(t.Context()); err != nil || got.AccessKeyID != "STATIC" || fetches != 1 {
			t.Errorf("%s, %v after %d fetches", got.AccessKeyID, err, fetches)
		}

		s := &fakeSource{key: "ROLE", of: ec2rolecreds.ProviderName}
		instance := renewing(t, s)
		s.set("", errors.New("no route to host"))
		time.Sleep(5 * time.Hour)
		if got, err := instance.Retrieve(t.Context()); err != nil || got.AccessKeyID != "ROLE" {
			t.Errorf("%s, %v", got.AccessKeyID, err)
		}

		// A clock that is an hour and more ahead: the service knows better.
		ended := &fakeSource{key: "ENDED", lasts: -time.Minute}
		if got, err := renewing(t, ended).Retrieve(t.Context()); err != nil || got.AccessKeyID != "ENDED" {
			t.Errorf("%s, %v", got.AccessKeyID, err)
		}
	})
}
