package main

import (
	"sync"
	"time"

	"cognito-confirm/internal/job"
	"cognito-confirm/internal/metrics"
)

// metricsEvery is how often metrics are written while a run goes on.
const metricsEvery = 10 * time.Second

// runMetrics tells in numbers how a job is getting on. When the metrics cannot be
// written, the run goes on and one warning is printed.
type runMetrics struct {
	metricsFlags
	console   *console
	overwrite bool
	// look returns the job as it is now.
	look func() metrics.Sample

	started time.Time
	before  metrics.Sample // the last one that was logged
	failed  bool
}

// keep writes metrics now and every ten seconds, until stop is called.
func (m *runMetrics) keep() (stop func()) {
	if m.MetricsFile == "" && m.LogEMF == "" {
		return func() {}
	}
	m.started = time.Now()
	// What earlier runs have done was not added by this one.
	m.before = m.sample()
	done := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		tick := time.NewTicker(metricsEvery)
		defer tick.Stop()
		for {
			m.tell(m.sample())
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	})
	return func() {
		close(done)
		wait.Wait()
	}
}

// end tells how the job has ended.
func (m *runMetrics) end(status int) {
	last := m.sample()
	last.EndedAt, last.ExitStatus = time.Now(), status
	last.Rate, last.InFlight = 0, 0
	m.tell(last)
}

func (m *runMetrics) tell(s metrics.Sample) {
	if err := m.file(m.overwrite).write(s.WriteText); err != nil && !m.failed {
		m.failed = true
		m.console.warnf("write metrics: %v", err)
	}
	if m.LogEMF != "" {
		m.console.messages.Progress("", s.Embedded(m.LogEMF, time.Now(), m.before))
		m.before = s
	}
}

func (m *runMetrics) sample() metrics.Sample {
	s := m.look()
	s.StartedAt = m.started
	return s
}

// sampleOf returns a job as it is now.
func sampleOf(j *job.Job) metrics.Sample {
	s, about := j.Snapshot(), j.About()
	counts := s.Report.Earlier.Plus(s.Report.ThisRun)
	return metrics.Sample{
		UserPoolID: about.UserPoolID, Report: about.Report,
		Rows: metrics.Rows{
			Confirmed: counts.Confirmed, AlreadyConfirmed: counts.AlreadyConfirmed, TriggerFailed: counts.TriggerFailed,
			Failed: counts.FailedRows, Invalid: counts.Invalid,
		},
		Attempts: counts.Attempts, Throttled: counts.Throttled,
		Rate: s.Limiter.Rate, Ceiling: s.Limiter.Ceiling, InFlight: s.Pool.InFlight,
	}
}
