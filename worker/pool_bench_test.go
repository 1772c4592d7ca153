package worker_test

import (
	"context"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/ratelimit"
	"cognito-confirm/worker"
)

// benchmarkPool takes b.N rows through a pool: one operation is one row.
func benchmarkPool(b *testing.B, client worker.Client, limiter worker.Limiter) {
	b.ReportAllocs()
	source, sink := &counted{rows: b.N}, &counter{}
	pool := worker.NewPool(client, limiter, worker.Options{UserPoolID: examplePool})
	b.ResetTimer()
	if err := pool.Run(b.Context(), source, sink); err != nil {
		b.Fatal(err)
	}
	if sink.confirmed.Load() != int64(b.N) {
		b.Fatalf("%d rows confirmed of %d", sink.confirmed.Load(), b.N)
	}
}

// The pool alone: what is left when calls, limiter and report cost nothing.
func BenchmarkPool(b *testing.B) { benchmarkPool(b, noCalls{}, unlimited{}) }

// The pool behind the limiter of the program, at a rate that is never reached.
func BenchmarkPoolLimiter(b *testing.B) {
	benchmarkPool(b, noCalls{}, ratelimit.New(ratelimit.Options{Cap: 1e9}))
}

// The pool with the SDK, over a stand-in without a network.
func BenchmarkPoolSDK(b *testing.B) {
	service := fakecognito.New(fakecognito.Options{AcceptAnyone: true})
	benchmarkPool(b, sdkClient(service), unlimited{})
}

// counted is a Source of so many rows.
type counted struct{ rows, line int }

func (c *counted) Next() (worker.Row, error) {
	if c.line == c.rows {
		return worker.Row{}, io.EOF
	}
	c.line++
	return worker.Row{Line: c.line, Username: "ann"}, nil
}

// counter is a Sink that counts.
type counter struct{ confirmed atomic.Int64 }

func (c *counter) Record(result worker.Result) error {
	if result.Status == worker.StatusConfirmed {
		c.confirmed.Add(1)
	}
	return nil
}

// noCalls is a client that confirms everybody at once.
type noCalls struct{}

func (noCalls) AdminConfirmSignUp(context.Context, *cognitoidentityprovider.AdminConfirmSignUpInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.AdminConfirmSignUpOutput, error) {
	return &cognitoidentityprovider.AdminConfirmSignUpOutput{}, nil
}

// unlimited is a limiter that costs nothing.
type unlimited struct{}

func (unlimited) Wait(context.Context) error { return nil }
func (unlimited) Observe(time.Time, bool)    {}
