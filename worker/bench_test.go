package worker_test

import (
	"context"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"cognito-confirm/ratelimit"
	"cognito-confirm/worker"
)

func benchmarkPool(b *testing.B, limiter worker.Limiter) {
	b.ReportAllocs()
	source, sink := &counted{rows: b.N}, &counter{}
	pool := worker.NewPool(worker.Options{}, worker.Operation{Name: "None", Limiter: limiter, Call: noCall})
	b.ResetTimer()
	if err := pool.Run(b.Context(), source, sink); err != nil {
		b.Fatal(err)
	}
	if sink.confirmed.Load() != int64(b.N) {
		b.Fatalf("%d rows confirmed of %d", sink.confirmed.Load(), b.N)
	}
}

// BenchmarkPool is what the pool itself costs for a row.
func BenchmarkPool(b *testing.B) { benchmarkPool(b, unlimited{}) }

// BenchmarkPoolLimiter is the same with a limiter that is never in the way.
func BenchmarkPoolLimiter(b *testing.B) {
	benchmarkPool(b, ratelimit.New(ratelimit.Options{Cap: 1e9}))
}

// counted is a Source of a number of rows.
type counted struct{ rows, line int }

func (c *counted) Next() (worker.Row, error) {
	if c.line == c.rows {
		return worker.Row{}, io.EOF
	}
	c.line++
	return worker.Row{Line: c.line, Username: "ann"}, nil
}

// counter is a Sink that keeps nothing.
type counter struct{ confirmed atomic.Int64 }

func (c *counter) Record(result worker.Result) error {
	if result.Status == worker.StatusConfirmed {
		c.confirmed.Add(1)
	}
	return nil
}

// noCall is a service that is done before it was asked.
func noCall(context.Context, worker.Row) worker.Answer { return worker.Answer{Verdict: worker.Done} }

// unlimited is a Limiter that does nothing.
type unlimited struct{}

func (unlimited) Wait(context.Context) error { return nil }
func (unlimited) Observe(time.Time, bool)    {}
func (unlimited) Failed(time.Time)           {}
