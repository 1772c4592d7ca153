package flags

import (
	"fmt"
	"time"

	"cognito-confirm/worker"
)

// Calls tells how the service is called.
type Calls struct {
	Pace                   Pace          `default:"polite" enum:"polite,dedicated" placeholder:"PACE" help:"'polite' leaves room for live traffic, 'dedicated' takes the whole quota. Default: ${default}."`
	Concurrency            int           `default:"256" placeholder:"N" help:"Calls in flight at most. Default: ${default}."`
	MaxAttempts            int           `default:"8" placeholder:"N" help:"Attempts a row gets. Throttled attempts do not count, nor those that failed while every other call failed too. Default: ${default}."`
	Timeout                time.Duration `default:"30s" placeholder:"TIME" help:"How long one attempt may take. Default: ${default}."`
	StallTimeout           time.Duration `default:"5m" placeholder:"TIME" help:"Stop when no call has got through for this long. Default: ${default}."`
	MaxConsecutiveFailures int           `default:"100" placeholder:"N" help:"Stop after this many failed rows in a row; 0 never stops. Default: ${default}."`
	ClientMetadata         Metadata      `placeholder:"K=V,K=V" help:"Passed to the pool's post-confirmation trigger with every row, in the AWS CLI's shorthand or as a JSON object; a column client_metadata.K overrides it. May be repeated."`
}

// maxConcurrency keeps a slip of the finger from opening more connections than
// a machine has ports.
const maxConcurrency = 10_000

// Check refuses flags that make no sense, with a [*UsageError].
func (c Calls) Check() error {
	switch {
	case c.Concurrency < 1 || c.Concurrency > maxConcurrency:
		return &UsageError{fmt.Sprintf("--concurrency must be from 1 to %d", maxConcurrency), ""}
	case c.MaxAttempts < 1:
		return &UsageError{"--max-attempts must be at least 1", ""}
	case c.Timeout <= 0:
		return &UsageError{"--timeout must be above 0", "as 30s or 1m"}
	case c.StallTimeout <= 0:
		return &UsageError{"--stall-timeout must be above 0", "as 5m or 1h"}
	case c.MaxConsecutiveFailures < 0:
		return &UsageError{"--max-consecutive-failures must be at least 0", "0 never stops the run"}
	}
	return nil
}

// Options returns the flags as options of a pool.
func (c Calls) Options() worker.Options {
	return worker.Options{
		Concurrency:            c.Concurrency,
		MaxAttempts:            c.MaxAttempts,
		Timeout:                c.Timeout,
		StallTimeout:           c.StallTimeout,
		MaxConsecutiveFailures: c.MaxConsecutiveFailures,
	}
}
