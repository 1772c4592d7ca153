package cognito

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
)

const (
	// renewalWindow is how long before their end credentials are renewed, if
	// they last four times as long.
	renewalWindow = 5 * time.Minute
	// fetchTimeout is for one attempt to get credentials.
	fetchTimeout = time.Minute
	// The pause after an attempt to get credentials that failed doubles from
	// the first to the longest. Without valid credentials it stays the first: then
	// the rows wait for them between their attempts.
	firstPause   = time.Second
	longestPause = time.Minute
)

// renewingCredentials gives out credentials, and gets new ones in time before
// they end. A source that fails transiently is asked again, and as long as the
// current credentials are valid nobody notices. It stands in the place of the
// SDK's cache, which asks when the credentials have ended, and once.
//
// Nothing runs while nobody asks for credentials. It is safe for concurrent use.
type renewingCredentials struct {
	// load returns a provider that has read the configuration again.
	load func(context.Context) (aws.CredentialsProvider, error)

	mu         sync.Mutex
	provider   aws.CredentialsProvider
	current    aws.Credentials
	generation int       // changes with the current credentials
	validUntil time.Time // zero: until the service tells otherwise
	renewAt    time.Time // zero: never

	underWay *fetch    // one at a time
	failures int       // in a row
	endedAt  time.Time // when the last fetch ended
	reread   bool      // it read the configuration
	err      error     // of the last fetch
}

// fetch is an attempt to get credentials.
type fetch struct{ done chan struct{} }

// renewCredentials gets credentials from the provider for the first time.
func renewCredentials(ctx context.Context, provider aws.CredentialsProvider, load func(context.Context) (aws.CredentialsProvider, error)) (*renewingCredentials, error) {
	r := &renewingCredentials{load: load, provider: provider}
	first, err := retrieve(ctx, provider)
	if err != nil {
		return nil, err
	}
	r.land(provider, first, nil)
	return r, nil
}

// Retrieve returns the current credentials, or a [*CredentialsError] when there
// are none that are valid.
func (r *renewingCredentials) Retrieve(ctx context.Context) (aws.Credentials, error) {
	for {
		r.mu.Lock()
		now := time.Now()
		valid := r.current.HasKeys() && (r.validUntil.IsZero() || now.Before(r.validUntil))
		if r.underWay == nil && r.isDue(now, valid) {
			r.begin(false)
		}
		current, generation, underWay, err := r.current, r.generation, r.underWay, r.err
		r.mu.Unlock()
		switch {
		case valid:
			if attempt := attemptOf(ctx); attempt != nil {
				attempt.signer, attempt.generation = r, generation
			}
			return current, nil
		case underWay == nil:
			return aws.Credentials{}, err
		}
		if err := underWay.wait(ctx); err != nil {
			return aws.Credentials{}, &CredentialsError{Err: err}
		}
	}
}

// replace is for credentials that the service calls expired. It reads the
// configuration again, and reports whether there are other credentials now. An
// error means that there are none at all.
func (r *renewingCredentials) replace(ctx context.Context, generation int) (replaced bool, err error) {
	for {
		r.mu.Lock()
		now := time.Now()
		switch {
		case r.generation != generation:
			r.mu.Unlock()
			return true, nil
		case r.underWay == nil && r.reread && now.Before(r.endedAt.Add(firstPause)):
			err := r.err
			r.mu.Unlock()
			return false, err
		case r.underWay == nil:
			r.begin(true)
		}
		underWay := r.underWay
		r.mu.Unlock()
		if err := underWay.wait(ctx); err != nil {
			return false, err
		}
	}
}

func (f *fetch) wait(ctx context.Context) error {
	select {
	case <-f.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// isDue reports whether it is time to get credentials.
func (r *renewingCredentials) isDue(now time.Time, valid bool) bool {
	if valid {
		return !r.renewAt.IsZero() && !now.Before(r.renewAt)
	}
	return r.err == nil || !now.Before(r.endedAt.Add(firstPause))
}

// begin starts a fetch. It serves all rows, so that it outlasts the attempt of
// the row that happens to start it.
func (r *renewingCredentials) begin(reread bool) {
	r.underWay = &fetch{done: make(chan struct{})}
	go func(provider aws.CredentialsProvider) {
		ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
		defer cancel()
		var err error
		if reread {
			provider, err = r.load(ctx)
		} else if cache, ok := provider.(interface{ Invalidate() }); ok {
			cache.Invalidate()
		}
		var fetched aws.Credentials
		if err == nil {
			fetched, err = retrieve(ctx, provider)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if err != nil && reread {
			r.current = aws.Credentials{} // the service does not take them any more
		}
		if _, typed := errors.AsType[*CredentialsError](err); err != nil && !typed {
			err = &CredentialsError{Err: err}
		}
		r.reread = reread
		r.land(provider, fetched, err)
		close(r.underWay.done)
		r.underWay = nil
	}(r.provider)
}

// land takes in how a fetch ended.
func (r *renewingCredentials) land(provider aws.CredentialsProvider, fetched aws.Credentials, err error) {
	now := time.Now()
	r.endedAt, r.err = now, err
	if err != nil {
		pause := longestPause
		if r.failures < 6 {
			pause = firstPause << r.failures
		}
		r.failures++
		r.renewAt = now.Add(pause)
		return
	}
	if !sameKeys(r.current, fetched) {
		r.generation++
	}
	r.provider, r.current, r.failures = provider, fetched, 0
	r.validUntil, r.renewAt = time.Time{}, time.Time{}
	if !fetched.CanExpire {
		return
	}
	left := fetched.Expires.Sub(now)
	r.renewAt = now.Add(max(left-min(renewalWindow, left/4), firstPause))
	// An instance's role names an earlier end than the service keeps to. Credentials
	// that have ended on arrival come from a wrong clock, which may be ours.
	if left > firstPause && fetched.Source != ec2rolecreds.ProviderName {
		r.validUntil = fetched.Expires
	}
}

func sameKeys(a, b aws.Credentials) bool {
	return a.AccessKeyID == b.AccessKeyID && a.SecretAccessKey == b.SecretAccessKey && a.SessionToken == b.SessionToken
}

// retrieve gets credentials that a request can be signed with. Its error is a
// [*CredentialsError], or a [*TargetError] for credentials that cannot be right.
func retrieve(ctx context.Context, provider aws.CredentialsProvider) (aws.Credentials, error) {
	fetched, err := provider.Retrieve(ctx)
	if err == nil && !fetched.HasKeys() {
		err = errors.New("there are none")
	}
	if err != nil {
		return aws.Credentials{}, newCredentialsError(err, provider)
	}
	return fetched, checkKeys(fetched)
}
