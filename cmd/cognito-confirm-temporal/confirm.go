package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/activity"

	"cognito-confirm/internal/job"
	"cognito-confirm/internal/rows"
	"cognito-confirm/internal/store"
	"cognito-confirm/report"
)

// doneFile is what the store has of a chunk that is done.
type doneFile struct {
	// SHA256 is of the chunk's report.
	SHA256 string `json:"sha256"`
	Done   Done   `json:"done"`
}

// Confirm takes the rows of one chunk to the user pool. Calls start only while the
// engine has heard from this worker, and rows that an earlier attempt has done are
// not done again.
func (a *Activities) Confirm(ctx context.Context, chunk Chunk) (Done, error) {
	c := &confirmation{chunk: chunk, before: Done{Counts: chunk.Part, Pace: chunk.Pace}}
	var last Beat
	if activity.HasHeartbeatDetails(ctx) && activity.GetHeartbeatDetails(ctx, &last) == nil {
		c.before = last.Done
	}
	work, k := keep(ctx, a.heartbeats, func() any { return c.beat() })
	defer k.release()
	done, err := c.run(work, a, k)
	return done, failure(work, err, c.beat().Done)
}

// confirmation is a chunk at work.
type confirmation struct {
	chunk  Chunk
	before Done // what is known before the journal is read
	job    atomic.Pointer[job.Job]
}

// beat is the chunk as it is now.
func (c *confirmation) beat() Beat {
	j := c.job.Load()
	if j == nil {
		return Beat{Index: c.chunk.Index, Done: c.before}
	}
	s := j.Snapshot()
	b := Beat{
		Index:  c.chunk.Index,
		Done:   Done{Counts: s.Report.Earlier.Plus(s.Report.ThisRun), Pace: c.before.Pace},
		Reason: s.Limiter.Reason.String(), InFlight: s.Pool.InFlight,
	}
	if s.Limiter.Answered > 0 {
		b.Pace = paceOf(s.Limiter, time.Now())
	}
	if !s.Pool.Outage.IsZero() {
		b.Outage = s.Pool.Last.Code
	}
	return b
}

func (c *confirmation) run(ctx context.Context, a *Activities, k *keeper) (Done, error) {
	l, err := open(ctx, c.chunk.Order.Store, c.chunk.Order.Run, a.scratch)
	if err != nil {
		return Done{}, err
	}
	var before doneFile
	if err := l.readJSON(ctx, chunkDone(c.chunk.Index), &before); !errors.Is(err, fs.ErrNotExist) {
		return before.Done, err
	}
	options, part, err := c.options(ctx, l)
	if err != nil {
		return Done{}, err
	}
	options.Held, options.Version = &job.Held{Store: l.store, Lease: k.lease}, a.version
	if err := os.MkdirAll(l.scratch, 0o700); err != nil {
		return Done{}, fmt.Errorf("make scratch directory: %w", err)
	}
	options.Scratch = l.scratch
	j, err := job.Open(ctx, options)
	if err != nil {
		return Done{}, err
	}
	c.job.Store(j)
	err = errors.Join(j.Run(ctx), j.Close())
	done := c.beat().Done
	if err != nil {
		return done, err
	}
	if done.Counts.Rows != part.Rows {
		return done, fmt.Errorf("%d of %d rows of the chunk are in its report", done.Counts.Rows, part.Rows)
	}
	l.store = store.While(k.lease, l.store)
	sum, err := l.hash(ctx, chunkReport(c.chunk.Index))
	if err != nil {
		return done, err
	}
	return done, l.writeJSON(ctx, chunkDone(c.chunk.Index), doneFile{SHA256: sum, Done: done})
}

// options returns those of the chunk's job, and the chunk's place in the input.
func (c *confirmation) options(ctx context.Context, l *location) (job.Options, section, error) {
	j, object, err := l.openInput(ctx)
	if err != nil {
		return job.Options{}, section{}, err
	}
	var p plan
	if err := l.readJSON(ctx, planName, &p); err != nil {
		return job.Options{}, section{}, err
	}
	if p.SHA256 != j.SHA256 || c.chunk.Index >= len(p.Chunks) {
		return job.Options{}, section{}, &damagedError{planName}
	}
	part := p.Chunks[c.chunk.Index]
	o := j.options(object)
	o.Input.Section = &rows.Section{From: part.From, To: part.To}
	o.Report = l.name(chunkReport(c.chunk.Index))
	o.Failed, o.Malformed = report.DefaultFailed(o.Report), report.DefaultMalformed(o.Report)
	o.Rate, o.Start = c.chunk.Rate, c.before.Pace.state(time.Now())
	return o, part, nil
}

// hash returns the hash of an object.
func (l *location) hash(ctx context.Context, name string) (string, error) {
	object, err := store.OpenObject(ctx, l.store, l.name(name), patience)
	if err != nil {
		return "", err
	}
	hashed := &hashedObject{Object: object, sum: sha256.New()}
	if err := drain(hashed.NewReader(0, object.Size())); err != nil {
		return "", err
	}
	return hex.EncodeToString(hashed.sum.Sum(nil)), nil
}
