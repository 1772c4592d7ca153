package report_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// resumeBenchRows are many enough that what a run begins with does not count.
const resumeBenchRows = 200_000

// BenchmarkResume reads back a whole report together with its input, as a run
// does that is resumed when it had finished. Ten million rows are to take no
// more than 30 s, which is 3,000 ns a row.
func BenchmarkResume(b *testing.B) {
	dir := b.TempDir()
	resumeBenchFiles(b, dir)
	o := resumeFiles(dir)
	o.Resume = true
	heap := 0.0
	for b.Loop() {
		in, err := os.Open(filepath.Join(dir, "users.csv"))
		if err != nil {
			b.Fatal(err)
		}
		reader, err := worker.NewReader(in, worker.ReaderOptions{})
		if err != nil {
			b.Fatal(err)
		}
		before := resumeLive()
		r, err := report.Open(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		heap = resumeLive() - before
		if rows, err := r.Remaining(b.Context(), reader); err != nil || rows != nil {
			b.Fatalf("remaining: %v, %v", rows, err)
		}
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
		in.Close()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/resumeBenchRows, "ns/row")
	b.ReportMetric(heap/resumeBenchRows, "heap-B/row")
}

// BenchmarkResumeReport is the part of the report and of the index in it.
func BenchmarkResumeReport(b *testing.B) {
	dir := b.TempDir()
	resumeBenchFiles(b, dir)
	o := resumeFiles(dir)
	o.Resume = true
	for b.Loop() {
		r, err := report.Open(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		if r.Earlier().Rows != resumeBenchRows {
			b.Fatalf("%d rows", r.Earlier().Rows)
		}
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/resumeBenchRows, "ns/row")
}

// BenchmarkResumeInput is the part of the input in it.
func BenchmarkResumeInput(b *testing.B) {
	dir := b.TempDir()
	resumeBenchFiles(b, dir)
	for b.Loop() {
		in, err := os.Open(filepath.Join(dir, "users.csv"))
		if err != nil {
			b.Fatal(err)
		}
		reader, err := worker.NewReader(in, worker.ReaderOptions{})
		if err != nil {
			b.Fatal(err)
		}
		for err == nil {
			_, err = reader.Next()
		}
		if err != io.EOF {
			b.Fatal(err)
		}
		in.Close()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/resumeBenchRows, "ns/row")
}

// resumeBenchFiles writes an input and the report of its run.
func resumeBenchFiles(b *testing.B, dir string) {
	b.Helper()
	input, err := os.Create(filepath.Join(dir, "users.csv"))
	if err != nil {
		b.Fatal(err)
	}
	defer input.Close()
	done, err := os.Create(resumeFiles(dir).Report)
	if err != nil {
		b.Fatal(err)
	}
	defer done.Close()
	rows, lines := bufio.NewWriter(input), bufio.NewWriter(done)
	rows.WriteString("username,email\n")
	lines.WriteString(resumeHeader)
	for i := range resumeBenchRows {
		fmt.Fprintf(rows, "user%08d@example.com,user%08d@example.com\n", i, i)
		fmt.Fprintf(lines, "%d,user%08d@example.com,confirmed,,,1,0,11111111-2222-3333-4444-%012d,2026-03-01T00:00:00.000Z,25\n", i+2, i, i)
	}
	if err := rows.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := lines.Flush(); err != nil {
		b.Fatal(err)
	}
}

// resumeLive returns the bytes of the heap that are reachable.
func resumeLive() float64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc)
}
