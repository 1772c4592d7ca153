package report_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"testing"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// BenchmarkRecord is what a row costs from Record to the operating system.
func BenchmarkRecord(b *testing.B) {
	for _, bench := range []struct {
		name   string
		status worker.Status
	}{{"confirmed", worker.StatusConfirmed}, {"failed", worker.StatusFailed}} {
		b.Run(bench.name, func(b *testing.B) {
			r := open(b, optionsIn(b.TempDir()))
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
	r := open(b, optionsIn(b.TempDir()))
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

// benchRows are many enough that what a run begins with does not count.
const benchRows = 200_000

// BenchmarkScan reads a report.
func BenchmarkScan(b *testing.B) {
	path := benchReport(b, b.TempDir())
	b.ReportAllocs()
	for b.Loop() {
		file, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		rows := 0
		for _, err := range report.Scan(file) {
			if err != nil {
				b.Fatal(err)
			}
			rows++
		}
		if rows != benchRows {
			b.Fatalf("%d rows", rows)
		}
		file.Close()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
}

// BenchmarkResume reads back a whole report and finds each row of the input in
// it, as a resumed run does that had finished. Ten million rows are to take at
// most 30 s, reading the input included: 3,000 ns a row.
func BenchmarkResume(b *testing.B) {
	dir := b.TempDir()
	benchReport(b, dir)
	o := optionsIn(dir)
	o.Resume = true
	heap := 0.0
	for b.Loop() {
		before := liveHeap()
		r, err := report.Open(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		heap = float64(liveHeap() - before)
		if rows, err := r.Remaining(b.Context(), new(benchInput)); err != nil || rows != nil {
			b.Fatalf("remaining: %v, %v", rows, err)
		}
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
	b.ReportMetric(heap/benchRows, "heap-B/row")
}

// benchInput is the input of the report that benchReport writes. It costs next
// to nothing to read.
type benchInput struct{ rows int }

func (in *benchInput) Next() (worker.Row, error) {
	if in.rows == benchRows {
		return worker.Row{}, io.EOF
	}
	in.rows++
	return worker.Row{Line: in.rows + 1, Username: benchUsername(in.rows), Raw: "x\n"}, nil
}

// benchUsername is one of a thousand.
func benchUsername(row int) string { return benchUsernames[row%len(benchUsernames)] }

var benchUsernames = func() (names [1000]string) {
	for i := range names {
		names[i] = fmt.Sprintf("user%08d@example.com", i)
	}
	return names
}()

// benchReport writes a report and returns its path.
func benchReport(b *testing.B, dir string) string {
	b.Helper()
	path := optionsIn(dir).Report
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewWriter(file)
	lines.WriteString(header)
	for row := 1; row <= benchRows; row++ {
		fmt.Fprintf(lines, "%d,%s,confirmed,,,1,0,11111111-2222-3333-4444-%012d,2026-03-01T00:00:00.000Z,25,,\n", row+1, benchUsername(row), row)
	}
	if err := lines.Flush(); err != nil {
		b.Fatal(err)
	}
	return path
}

// liveHeap returns the bytes of the heap that are reachable.
func liveHeap() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
