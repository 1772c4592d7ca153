package job

import (
	"context"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/ratelimit"
	"cognito-confirm/worker"
)

// marks reports whether attributes are marked as verified.
func (j *Job) marks() bool { return len(j.options.MarkVerified) > 0 }

// checkAliases refuses to take aliases away, unless that is allowed.
func (j *Job) checkAliases(ctx context.Context, client cognito.Client) error {
	if j.options.AllowAliasTakeover {
		return nil
	}
	return cognito.CheckAliases(ctx, client, j.options.Target.UserPoolID, j.options.MarkVerified)
}

// markVerified is the operation that a row needs after its confirmation. Its quota
// is another one, so that it has a limiter of its own.
func (j *Job) markVerified(client cognito.Client) worker.Operation {
	j.marking = ratelimit.New(ratelimit.Options{Cap: j.options.VerifyRate, Pace: j.options.Pace})
	return worker.Operation{
		Name:    cognito.MarkOperation,
		Limiter: j.remote.guard(j.marking),
		Call:    cognito.MarkVerified(client, j.options.Target.UserPoolID, j.options.MarkVerified),
	}
}

// markingState is how marking is paced, zero when nothing is marked.
func (j *Job) markingState() ratelimit.State {
	if j.marking == nil {
		return ratelimit.State{}
	}
	return j.marking.State()
}
