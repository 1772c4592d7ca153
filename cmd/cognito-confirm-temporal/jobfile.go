package main

import (
	"context"
	"time"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/rows"
	"cognito-confirm/internal/store"
	"cognito-confirm/ratelimit"
	"cognito-confirm/worker"
)

// jobFile is what the store knows of a run: how the input is read, and how the calls
// are made. It may name people, in the client metadata, so it is not in the engine.
type jobFile struct {
	// Source is where the input came from, for people.
	Source string `json:"source"`
	// Size and SHA256 are of input.csv.
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	Settings
}

// Settings are the flags of a run.
type Settings struct {
	UsernameColumn string `json:"username_column,omitempty"`
	NoHeader       bool   `json:"no_header,omitempty"`
	Delimiter      string `json:"delimiter,omitempty"`

	UserPoolID  string `json:"user_pool_id"`
	Region      string `json:"region,omitempty"`
	Profile     string `json:"profile,omitempty"`
	EndpointURL string `json:"endpoint_url,omitempty"`

	ClientMetadata         map[string]string `json:"client_metadata,omitempty"`
	Dedicated              bool              `json:"dedicated,omitempty"`
	Concurrency            int               `json:"concurrency,omitempty"`
	MaxAttempts            int               `json:"max_attempts,omitempty"`
	Timeout                time.Duration     `json:"timeout,omitempty"`
	StallTimeout           time.Duration     `json:"stall_timeout,omitempty"`
	MaxConsecutiveFailures int               `json:"max_consecutive_failures,omitempty"`
}

func (s Settings) target() cognito.Target {
	return cognito.Target{UserPoolID: s.UserPoolID, Region: s.Region, Profile: s.Profile, EndpointURL: s.EndpointURL}
}

// input returns how the input is read. The object is it.
func (s Settings) input(object rows.Object) rows.Options {
	o := rows.Options{Path: inputName, Object: object, UsernameColumn: s.UsernameColumn, NoHeader: s.NoHeader}
	if s.Delimiter != "" {
		o.Delimiter = []rune(s.Delimiter)[0]
	}
	return o
}

// options returns those of a job over all of the input.
func (s Settings) options(object rows.Object) job.Options {
	o := job.Options{
		Input: s.input(object), Target: s.target(), ClientMetadata: s.ClientMetadata,
		Events: job.NoEvents, Resume: true,
		Pool: worker.Options{
			Concurrency: s.Concurrency, MaxAttempts: s.MaxAttempts, Timeout: s.Timeout,
			StallTimeout: s.StallTimeout, MaxConsecutiveFailures: s.MaxConsecutiveFailures,
		},
	}
	if s.Dedicated {
		o.Pace = ratelimit.Dedicated
	}
	return o
}

// openInput returns the input of a run and how it is to be read.
func (l *location) openInput(ctx context.Context) (jobFile, *store.Object, error) {
	var j jobFile
	if err := l.readJSON(ctx, jobName, &j); err != nil {
		return jobFile{}, nil, err
	}
	object, err := store.OpenObject(ctx, l.store, l.name(inputName), patience)
	if err == nil && object.Size() != j.Size {
		err = &damagedError{inputName}
	}
	return j, object, err
}
