package job

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/rows"
	"cognito-confirm/ratelimit"
	"cognito-confirm/worker"
)

// Options say what to confirm, where, and how fast.
type Options struct {
	// Input is the CSV of the users. Its path is required.
	Input rows.Options
	// Target is the user pool. Required.
	Target cognito.Target
	// Load returns the configuration to call the service with, its credentials
	// resolved. Nil: Target.Load.
	Load func(context.Context) (aws.Config, error)
	// ClientMetadata is sent with every row; the row's own overrides it.
	ClientMetadata map[string]string

	// Report and Failed are the paths of the report and of the rows that did
	// not succeed. Empty: the input's name without .csv or .csv.gz, and
	// .report.csv or .failed.csv. For standard input the report is required.
	Report, Failed string
	// Overwrite replaces files that exist, Resume continues them; without
	// either they are refused. Both at once make no sense.
	Overwrite, Resume bool
	// Outputs are other files that the driver writes. A job refuses them when
	// they are one of its own files.
	Outputs []File
	// OnCheckpoint is called with the number of rows of this run that are
	// safely on disk, whenever more are. Nil: nobody is told.
	OnCheckpoint func(rows int)

	// Rate is the attempts a second that are never exceeded; 0 finds the quota.
	Rate float64
	// Pace says how much of the quota to take.
	Pace ratelimit.Pace
	// Pool says how many calls are in flight and when to give up.
	Pool worker.Options
}

// standardInput is the path of an input that is read from Options.Input.Stdin.
const standardInput = "-"

// withDefaults fills in what the options leave open.
func (o Options) withDefaults() (Options, error) {
	if o.Report == "" {
		if o.Input.Path == standardInput {
			return o, ErrNoReport
		}
		o.Report = withSuffix(o.Input.Path, reportSuffix)
	}
	if o.Failed == "" {
		base := o.Input.Path
		if base == standardInput {
			base = strings.TrimSuffix(o.Report, reportSuffix)
		}
		o.Failed = withSuffix(base, failedSuffix)
	}
	if o.Load == nil {
		o.Load = o.Target.Load
	}
	if o.Pool.Concurrency == 0 {
		o.Pool.Concurrency = worker.DefaultConcurrency // the connections are counted by it too
	}
	return o, nil
}
