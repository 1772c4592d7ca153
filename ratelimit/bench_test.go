package ratelimit

import (
	"testing"
	"time"
)

// unlimited is a cap that no benchmark reaches, so that Wait never waits.
const unlimited = 1e9

// BenchmarkWaitObserve is the limiter's cost for one attempt.
func BenchmarkWaitObserve(b *testing.B) {
	limiter := New(Options{Cap: unlimited})
	b.ReportAllocs()
	b.SetParallelism(64) // goroutines for each processor
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			sent := time.Now()
			if err := limiter.Wait(b.Context()); err != nil {
				b.Error(err)
			}
			limiter.Observe(sent, false)
		}
	})
}

// BenchmarkObserve is the cost of an answer that changes nothing.
func BenchmarkObserve(b *testing.B) {
	limiter := New(Options{Cap: unlimited})
	sent := time.Now()
	for b.Loop() {
		limiter.Observe(sent, false)
	}
}
