package worker

import (
	"context"
	"time"
)

// Operation is one call that every row needs. A row runs the operations of a
// pool in order, each one after the one before has succeeded, and keeps its place
// among the rows at work meanwhile. Each operation of a row gets all the attempts
// that a row has.
type Operation struct {
	// Name is the operation's name in the service's API.
	Name string
	// Limiter paces the attempts of this operation. Required.
	Limiter Limiter
	// Call makes one attempt and returns its answer. It is called from many
	// goroutines at a time, must return soon after its context ends, and must
	// be safe to repeat for the same row. Required.
	Call func(context.Context, Row) Answer
}

// Limiter tells when the next attempt may go. Its methods are called from many
// goroutines at a time.
type Limiter interface {
	// Wait returns when one attempt may be sent, or an error when the context ends.
	Wait(ctx context.Context) error
	// Observe tells that the service took or throttled the attempt sent at that
	// time.
	Observe(sent time.Time, throttled bool)
	// Failed tells that the attempt sent at that time failed transiently or was
	// given up without an answer. Some services refuse their surplus that way.
	// Nothing is told of an attempt that this machine could not make.
	Failed(sent time.Time)
}
