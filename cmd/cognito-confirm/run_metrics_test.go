package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/metrics"
)

// TestMetricsWhileARunGoesOn: at once, every ten seconds and at the end, in the file
// as totals and in the log as what was added.
func TestMetricsWhileARunGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.prom")
	var lines []string
	synctest.Test(t, func(t *testing.T) {
		var stderr safeBuffer
		c := newConsole(started(), nil, nil, &stderr)
		c.messages.UseJSON()
		began := time.Now()
		m := &runMetrics{
			metricsFlags: metricsFlags{MetricsFile: path, LogEMF: "Users"}, console: c,
			// A run that resumed at 100 rows and confirms one a second.
			look: func() metrics.Sample {
				return metrics.Sample{Rows: metrics.Rows{Confirmed: 100 + int(time.Since(began).Seconds())}, Rate: 1}
			},
		}
		wantInFile := func(confirmed string, more ...string) {
			t.Helper()
			synctest.Wait()
			text := read(t, path)
			for _, want := range append(more, `status="confirmed"} `+confirmed+"\n") {
				if !strings.Contains(text, want) {
					t.Errorf("after %v, no %q in\n%s", time.Since(began), want, text)
				}
			}
		}
		stop := m.keep()
		wantInFile("100", "running", "} 1\n")
		time.Sleep(9999 * time.Millisecond)
		wantInFile("100")
		time.Sleep(time.Millisecond)
		wantInFile("110")
		time.Sleep(15 * time.Second)
		wantInFile("120")
		stop()
		m.end(3)
		wantInFile("125", "last_exit_status", "} 3\n")
		c.close()
		lines = slices.Collect(strings.Lines(stderr.String()))
	})
	var added []float64
	for _, line := range lines {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatal(err)
		}
		added = append(added, fields["Confirmed"].(float64))
	}
	if want := []float64{0, 10, 10, 5}; !slices.Equal(added, want) {
		t.Errorf("the log has added %v, want %v", added, want)
	}
}

// TestMetricsThatCannotBeWritten are told of once, and stop nothing.
func TestMetricsThatCannotBeWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	synctest.Test(t, func(t *testing.T) {
		var stderr safeBuffer
		c := newConsole(started(), nil, nil, &stderr)
		m := &runMetrics{metricsFlags: metricsFlags{MetricsFile: filepath.Join(dir, "m.prom")}, console: c, look: func() metrics.Sample { return metrics.Sample{} }}
		stop := m.keep()
		time.Sleep(25 * time.Second)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		stop()
		m.end(0)
		c.close()
		if said := stderr.String(); strings.Count(said, "\n") != 1 || !strings.Contains(said, "WARNING: write metrics: ") {
			t.Errorf("it printed %q", said)
		}
		if _, err := os.Stat(filepath.Join(dir, "m.prom")); err != nil {
			t.Error(err)
		}
	})
}
