package report_test

import (
	"sync"
	"testing"

	"cognito-confirm/worker"
)

// BenchmarkRecord is what a row costs from Record to the operating system.
func BenchmarkRecord(b *testing.B) {
	for _, bench := range []struct {
		name   string
		status worker.Status
	}{{"confirmed", worker.StatusConfirmed}, {"failed", worker.StatusFailed}} {
		b.Run(bench.name, func(b *testing.B) {
			r := open(b, in(b.TempDir()))
			row := result(123_456, "user123456@example.com", bench.status)
			b.ReportAllocs()
			for b.Loop() {
				if err := r.Record(row); err != nil {
					b.Fatal(err)
				}
			}
			closeRecorder(b, r)
		})
	}
}

// BenchmarkRecordContended is the same from as many goroutines as a run has.
func BenchmarkRecordContended(b *testing.B) {
	const goroutines = 256
	r := open(b, in(b.TempDir()))
	row := result(123_456, "user123456@example.com", worker.StatusConfirmed)
	b.ReportAllocs()
	b.ResetTimer()
	var wait sync.WaitGroup
	for g := range goroutines {
		wait.Go(func() {
			for range (b.N + g) / goroutines {
				if err := r.Record(row); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	closeRecorder(b, r)
}
