package job

import (
	"cmp"
	"context"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/rows"
	"cognito-confirm/internal/store"
	"cognito-confirm/ratelimit"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// Options set what to confirm, where, and how fast.
type Options struct {
	// Input is the CSV of the users. Its path is required.
	Input rows.Options
	// Shard is the part of the input to confirm. The zero value is all of it.
	Shard worker.Shard
	// Target is the user pool. Required.
	Target cognito.Target
	// Load returns the configuration to call the service with, its credentials
	// resolved. It must lead to Target. Nil: Target.Load.
	Load func(context.Context) (aws.Config, error)
	// Bucket opens a bucket for an input or files that are given as
	// s3://bucket/key. Nil: it is one of S3, with the credentials of Target.
	Bucket func(ctx context.Context, name string) (store.Store, error)
	// Scratch is the directory on the local disk for what a job writes before it
	// is in a bucket. Empty: that for temporary files.
	Scratch string
	// Held is for a driver that sees to it itself that nobody else runs the job.
	// Nil: a report in S3 has a lock there, and one on the disk is locked.
	Held *Held
	// ClientMetadata is sent with every row; the row's own overrides it.
	ClientMetadata map[string]string

	// Report, Failed and Malformed are the paths, or the addresses in S3, of the report, of the rows that
	// did not succeed, and of the records that are malformed. An empty Report is
	// the input's name with .report.csv in place of .csv or .csv.gz, or for a
	// shard with .shard-0-of-4.report.csv; an input without a name of its own needs one.
	// The other two are named after it.
	Report, Failed, Malformed string
	// Events is the path of the events file, or [NoEvents]. Empty: it is named
	// after the report.
	Events string
	// Overwrite replaces files that exist, Resume continues them; without
	// either they are refused. Both at once make no sense.
	Overwrite, Resume bool
	// Retry tells which rows of a report are done again. It goes with Resume.
	Retry report.Retry
	// Outputs are other files that the driver writes. A job refuses them when
	// two of them are one, or when one of them is a file of the job.
	Outputs []File
	// Streams are files that the driver's standard output and error go to. A job
	// refuses only those that are a file of its own.
	Streams []File
	// Version is the program's, for the summary.
	Version string
	// Opening is told how far Open has come. Nil: nobody is.
	Opening *Opening
	// OnCheckpoint is called with the number of rows of this run that are
	// safely on disk, whenever more are. Nil: nobody is told.
	OnCheckpoint func(rows int)

	// Limit is the most rows that are sent; 0 is all. Until is when no more are
	// sent, zero for never. A run that ends for one of them ends with an *EnoughError.
	Limit int
	Until time.Time

	// Rate is the attempts a second that are never exceeded; 0 finds the quota.
	Rate float64
	// Pace tells how much of the quota to take.
	Pace ratelimit.Pace
	// Start is what the limiter of an earlier job knew of the same quota just now.
	Start ratelimit.State
	// MarkVerified are attributes, "email" or "phone_number", that are marked as
	// verified for every user who is confirmed. VerifyRate is the attempts a second
	// at that which are never exceeded; 0 finds the quota.
	MarkVerified []string
	VerifyRate   float64
	// AllowAliasTakeover marks attributes also in a pool where that takes an alias
	// from another user, or where nobody knows.
	AllowAliasTakeover bool
	// Pool tells how many calls are in flight and when to give up.
	Pool worker.Options
}

// withDefaults fills in what the options leave open.
func (o Options) withDefaults() (Options, error) {
	if o.Report == "" {
		if isStream(o.Input.Path) {
			return o, ErrNoReport
		}
		o.Report = reportOf(o.Input.Path, o.Shard)
	}
	o.Failed = cmp.Or(o.Failed, report.DefaultFailed(o.Report))
	o.Malformed = cmp.Or(o.Malformed, report.DefaultMalformed(o.Report))
	o.Events = cmp.Or(o.Events, report.DefaultEvents(o.Report))
	o.Opening = cmp.Or(o.Opening, new(Opening))
	// The connections are counted by the calls in flight too, and a bucket is waited for as
	// long as the service.
	o.Pool = o.Pool.WithDefaults()
	return o, nil
}

// isStream reports that no other name can be derived from the input's. What is
// wrong with a file that cannot be found, opening it will tell.
func isStream(path string) bool {
	info, err := os.Stat(path)
	if err != nil && path != "-" {
		return false
	}
	return (info == nil || !info.IsDir()) && rows.IsStream(path, info)
}

// reportOf returns the name that the report of an input, or of a shard of it,
// has by default.
func reportOf(input string, shard worker.Shard) string {
	for _, suffix := range [...]string{".csv.gz", ".csv"} {
		if start := len(input) - len(suffix); start >= 0 && strings.EqualFold(input[start:], suffix) {
			input = input[:start]
			break
		}
	}
	return input + report.ShardSuffix(shard) + ".report.csv"
}
