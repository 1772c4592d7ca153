package job

import (
	"context"

	"cognito-confirm/internal/cognito"
)

// About is what a job is about.
type About struct {
	// Input and Report are their paths. Size is how many bytes the input has, 0
	// when that is not known.
	Input, Report string
	Size          int64
	// UserPoolID and Region tell whose users they are, Signing as whom the calls
	// are made. Signing is zero when there is nothing left to do.
	UserPoolID, Region string
	Signing            cognito.Signing
	// Quota is the calls a second that the service allows the account, 0 when that
	// is not known; QuotaUnread then tells why, in a few words, if it was asked for.
	Quota       float64
	QuotaUnread string
}

// About returns what the job is about.
func (j *Job) About() About {
	_, size := j.input.Read()
	return About{
		Input: j.options.Input.Path, Report: j.options.Report, Size: size,
		UserPoolID: j.target.UserPoolID, Region: j.target.Region, Signing: j.signing,
		Quota: j.quota, QuotaUnread: j.quotaUnread,
	}
}

// Count returns how many rows the input or its shard has in all, as [rows.Input.Count] does:
// it reads a regular file once more. It may be called at any time between Open
// and Close.
func (j *Job) Count(ctx context.Context, seen func(rows int)) (int, error) {
	return j.input.Count(ctx, j.options.Shard, seen)
}

// OnDisk returns where a file of the job is on the disk until Close, for one that
// is in S3; any other path is where it is.
func (j *Job) OnDisk(path string) string { return j.remote.local(path) }
