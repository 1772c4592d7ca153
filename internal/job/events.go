package job

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"cognito-confirm/internal/events"
)

const (
	// sampleEvery is how often the events tell how a run is getting on.
	sampleEvery = 10 * time.Second
	// lookEvery is how soon they tell of an outage.
	lookEvery = time.Second
)

// NoEvents is the path of events that nobody wants.
const NoEvents = "none"

// openEvents opens the events file, if there is to be one. A run with nothing
// left to do has no events.
func (j *Job) openEvents() (err error) {
	if j.options.Events == NoEvents || j.remaining == nil {
		return nil
	}
	j.events, err = events.Open(j.remote.local(j.options.Events), j.eventsFailed)
	return err
}

// eventsFailed notes that events are missing. That stops nothing.
func (j *Job) eventsFailed(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.eventsError = fmt.Sprintf("events are missing in %s: %v", j.options.Events, err)
}

// Note writes an event that only the driver knows of, such as a signal or the
// end. It is safe for concurrent use, and does nothing without an events file.
func (j *Job) Note(event events.Event) { j.events.Write(event) }

// keepEvents writes what happens until stop is called.
func (j *Job) keepEvents() (stop func()) {
	before := j.recorder.State().Earlier.Rows
	j.events.Write(events.Run{
		Version: j.options.Version, Pool: j.target.UserPoolID, Region: j.target.Region,
		Rate: j.options.Rate, Pace: j.options.Pace.String(), Concurrency: j.options.Pool.Concurrency,
		Resumed: before > 0, RowsBefore: before, Quota: j.quota, MarkVerified: strings.Join(j.options.MarkVerified, ","),
	})
	ctx, end := context.WithCancel(context.Background())
	var group sync.WaitGroup
	var outage time.Time // that was told
	group.Go(func() { every(ctx, lookEvery, func() { outage = j.noteOutage(outage) }) })
	group.Go(func() { every(ctx, sampleEvery, j.noteSample) })
	return func() {
		end()
		group.Wait()
		j.noteOutage(outage)
		j.noteSample()
	}
}

// noteOutage tells of an outage that began or ended since told, and returns the
// one that there is.
func (j *Job) noteOutage(told time.Time) time.Time {
	s := j.Snapshot().Pool
	if s.Outage.Equal(told) {
		return told
	}
	if !told.IsZero() {
		j.events.Write(events.OutageOver{Seconds: time.Since(told).Round(time.Millisecond).Seconds()})
	}
	if !s.Outage.IsZero() {
		j.events.Write(events.Outage{BeganAt: s.Outage, Code: s.Last.Code})
	}
	return s.Outage
}

func (j *Job) noteSample() {
	s := j.Snapshot()
	j.events.Write(events.Sample{
		Rows:     s.Report.Earlier.Rows + s.Report.ThisRun.Rows,
		Answered: s.Limiter.Answered + s.Marking.Answered, Throttled: s.Limiter.Throttled + s.Marking.Throttled,
		Rate: tenths(s.Limiter.Rate), Ceiling: tenths(s.Limiter.Ceiling), Reason: s.Limiter.Reason.String(),
		InFlight: s.Pool.InFlight,
	})
}
