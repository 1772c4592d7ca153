package job

import (
	"context"
	"fmt"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/ratelimit"
)

// readQuota asks for the account's quota. A run goes on when it is not told, so the
// only error is the cause of ctx.
func (j *Job) readQuota(ctx context.Context, client cognito.Client) error {
	quota, err := cognito.Quota(ctx, client)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		j.quotaUnread = err.Error()
	}
	j.quota = quota
	return nil
}

// pacing tells how fast the calls may be. Shards that share a rate share the quota,
// too. Those that each look for it may find all of it, when the others are done, but
// they begin together with half of it.
func (j *Job) pacing() ratelimit.Options {
	o := ratelimit.Options{Cap: j.options.Rate, Quota: j.quota, Pace: j.options.Pace, Start: j.options.Start}
	shards := float64(max(1, j.options.Shard.Count))
	if j.options.Rate > 0 {
		o.Quota /= shards
	} else if shards > 1 && o.Start.Rate == 0 {
		o.Start.Rate = o.Quota / 2 / shards
	}
	return o
}

// quotaWarnings tells that the rate is less than what was asked for.
func (j *Job) quotaWarnings() []string {
	if o := j.pacing(); j.quota == 0 || o.Cap <= o.Quota {
		return nil
	}
	return []string{fmt.Sprintf("the rate is above the quota of %s in %s, which is %g calls a second: the run keeps below that",
		cognito.QuotaName, j.target.Region, j.quota)}
}
