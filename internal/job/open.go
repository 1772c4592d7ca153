package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/rows"
	"cognito-confirm/ratelimit"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// Open opens everything that can stand in the way of the first call: the
// input, the report, the credentials. It leaves everything as it was, and asks the
// service only for the account's quota and the pool's settings.
//
// Its error is an *OpenError, and wraps one that tells more: ErrNoReport,
// *SameFileError, *rows.UnusableError, *report.ExistsError,
// *report.UnusableError, *report.OtherTargetError, *report.OtherShardError,
// *report.ForeignError, *report.EditedError, report.ErrLocked, *MixedError,
// *cognito.TargetError, *cognito.CredentialsError, *cognito.AliasError, *events.UnusableError,
// *store.AddressError, *store.RefusedError, *store.UnreachableError, an error of
// the file system, or the cause of ctx when that ended first.
func Open(ctx context.Context, o Options) (*Job, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, &OpenError{Part: PartInput, Err: err}
	}
	target, err := o.resolveTarget(ctx)
	if err != nil {
		return nil, &OpenError{Part: PartService, Err: err}
	}
	buckets := newBuckets(o)
	input, err := openInput(ctx, o.Input, buckets, o.Pool.StallTimeout)
	if err != nil {
		return nil, &OpenError{Part: PartInput, Err: err}
	}
	j := &Job{options: o, input: input, target: target}
	if err := j.openRemote(ctx, buckets); err != nil {
		return nil, errors.Join(err, input.Close())
	}
	if err := j.openReport(ctx); err != nil {
		return nil, errors.Join(err, j.remote.close(ctx), input.Close())
	}
	if err := j.openRest(ctx); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

// resolveTarget returns the pool and the endpoint that the calls will go to.
// With Load, the configuration is the driver's, and so is the target.
func (o Options) resolveTarget(ctx context.Context) (cognito.Target, error) {
	if err := o.Target.Check(); err != nil {
		return cognito.Target{}, err
	}
	if o.Load != nil {
		return o.Target, nil
	}
	return o.Target.Resolve(ctx)
}

func (j *Job) openRemote(ctx context.Context, b *buckets) (err error) {
	if err = j.checkFiles(); err == nil {
		j.remote, err = openRemote(ctx, j.options, b)
	}
	if err != nil {
		return &OpenError{Part: PartOutputs, Err: err}
	}
	return nil
}

func (j *Job) openReport(ctx context.Context) error {
	recorder, err := report.Open(ctx, report.Options{
		Report: j.remote.local(j.options.Report), Failed: j.remote.local(j.options.Failed), Malformed: j.remote.local(j.options.Malformed),
		Overwrite: j.options.Overwrite, Resume: j.options.Resume, Retry: j.options.Retry,
		Target:       report.Target{UserPoolID: j.target.UserPoolID, Endpoint: j.target.EndpointURL},
		Shard:        j.options.Shard,
		Header:       j.input.Header(),
		Columns:      j.input.Columns(),
		Delimiter:    j.input.Delimiter(),
		Rows:         j.readRows,
		OnRead:       j.options.Opening.readReport(j.remote.local(j.options.Report)),
		OnFailure:    func(err error) { j.stop(err) },
		OnCheckpoint: j.options.OnCheckpoint,
	})
	if err != nil {
		return &OpenError{Part: PartOutputs, Err: j.remote.places.named(err)}
	}
	j.recorder = recorder
	return nil
}

// readRows reads a file of rows of the input.
func (j *Job) readRows(in io.Reader) (worker.Source, error) {
	return rows.NewReader(in, rows.Options{UsernameColumn: j.options.Input.UsernameColumn, NoHeader: j.options.Input.NoHeader, Delimiter: j.input.Delimiter()})
}

// checkHeader refuses to take for a row what an earlier run has taken for the header.
func (j *Job) checkHeader() error {
	line := j.input.UnwantedHeader()
	if line == 0 || j.recorder.State().Earlier.Rows == 0 || j.recorder.Has(line) {
		return nil
	}
	return &rows.UnusableError{
		Reason: fmt.Sprintf("line %d is a header, and the report is of a run that read it as one", line),
		Hint:   "leave out --no-header",
	}
}

// openRest finds the rows that are left, and gets what it takes to call the
// service for them. Without any, neither events nor credentials are needed.
func (j *Job) openRest(ctx context.Context) error {
	if err := j.checkHeader(); err != nil {
		return &OpenError{Part: PartInput, Err: err}
	}
	j.options.Opening.input.Store(j.input)
	remaining, err := j.recorder.Remaining(ctx, j.options.Shard.Of(j.input))
	if err != nil {
		return &OpenError{Part: PartInput, Err: err}
	}
	if remaining == nil {
		return nil
	}
	j.remaining = remaining
	if limit := j.options.Limit; limit > 0 {
		j.remaining = &limited{Source: remaining, limit: limit, left: limit}
	}
	j.remaining = watched{j.remaining, &j.mangled}
	if err := j.openEvents(); err != nil {
		return &OpenError{Part: PartOutputs, Err: err}
	}
	j.options.Opening.service.Store(true)
	load := j.options.Load
	if load == nil {
		load = j.options.Target.Load
	}
	loaded, err := load(ctx)
	if err != nil {
		return &OpenError{Part: PartService, Err: err}
	}
	j.target.Region = cmp.Or(j.target.Region, loaded.Region)
	j.signing = cognito.SigningOf(ctx, loaded)
	client, err := cognito.NewClient(j.remote.guardCalls(loaded), j.options.Pool.Concurrency)
	if err != nil {
		return &OpenError{Part: PartService, Err: err}
	}
	asking := client
	if j.remote.isOn() {
		// These calls change nothing, so they are made before there is a lease.
		if asking, err = cognito.NewClient(loaded, 1); err != nil {
			return &OpenError{Part: PartService, Err: err}
		}
	}
	if err := j.readQuota(ctx, asking); err != nil {
		return &OpenError{Part: PartService, Err: err}
	}
	j.limiter = ratelimit.New(j.pacing())
	operations := []worker.Operation{{
		Name:    cognito.OperationName,
		Limiter: j.remote.guard(j.limiter),
		Call:    cognito.ConfirmSignUp(client, j.options.Target.UserPoolID, j.options.ClientMetadata),
	}}
	if j.marks() {
		if err := j.checkAliases(ctx, asking); err != nil {
			return &OpenError{Part: PartService, Err: err}
		}
		operations = append(operations, j.markVerified(client))
	}
	options := j.options.Pool
	options.LeaveOut, options.Succeeded = j.input.LeaveOut, j.recorder.Succeeded()
	j.pool = worker.NewPool(options, operations...)
	return nil
}
