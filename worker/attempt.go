package worker

import (
	"context"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// confirm takes one row through as many attempts as it needs. An error is for
// the run, not for the row: the row then has no result, and a later run does it.
// another does another row first, if there is one.
func (p *Pool) confirm(ctx context.Context, row Row, another func() error) (Result, error) {
	result := Result{Row: row}
	username := row.Username // on its own: the input keeps what it points into
	input := &cognitoidentityprovider.AdminConfirmSignUpInput{
		UserPoolId:     &p.options.UserPoolID,
		Username:       &username,
		ClientMetadata: p.metadata(row),
	}
	var (
		health       = rowHealth{outages: p.outage.number()}
		maybeDone    bool // an unanswered attempt may have confirmed the user
		secondChance bool // the one more attempt of fatalIfRepeated is spent
	)
	for {
		probing, err := p.outage.hold(ctx, p.pause)
		if err != nil {
			return Result{}, err
		}
		health.forget(p.outage.number())
		sent, err := p.token(ctx)
		if err == nil && !probing && p.outage.ongoing() {
			continue // it began while the row waited for its token
		}
		if err != nil {
			if probing {
				p.outage.probed()
			}
			return Result{}, err
		}
		if result.Attempts == 0 {
			result.StartedAt = sent
		}
		answer := p.call(ctx, input)
		p.outage.observe(sent, answer)
		if probing {
			p.outage.probed()
		}
		result.Attempts++
		result.Duration = time.Since(result.StartedAt)
		if answer.answered {
			p.limiter.Observe(sent, answer.verdict == throttled)
			result.RequestID = answer.requestID
		}
		result.Code, result.Message = answer.code, answer.message

		switch answer.verdict {
		case confirmed:
			result.Status = StatusConfirmed
			return result, nil
		case alreadyConfirmed:
			result.Status = StatusAlreadyConfirmed
			if maybeDone {
				result.Status, result.Code = StatusConfirmed, ""
				result.Message = "confirmed by an earlier attempt of this run whose answer was lost"
			}
			return result, nil
		case rowFailed:
			result.Status = StatusFailed
			return result, nil
		case triggerFailed:
			result.Status = StatusTriggerFailed
			return result, nil
		case throttled:
			// Never a row's outcome: the next token is the wait.
			result.Throttled++
		case fatal:
			return Result{}, &FatalError{Code: answer.code, Message: answer.message}
		case fatalIfRepeated:
			if secondChance {
				return Result{}, &FatalError{Code: answer.code, Message: answer.message}
			}
			secondChance = true
		case passing:
			maybeDone = maybeDone || answer.maybeDone
			gaveUp, err := p.backOff(ctx, &health, another)
			if err != nil {
				return Result{}, err
			}
			if gaveUp {
				result.Status = StatusFailed
				return result, nil
			}
		}
	}
}

// token waits until an attempt may be sent and returns the time of it. Every
// attempt comes through here, retries too.
func (p *Pool) token(ctx context.Context) (time.Time, error) {
	err := p.limiter.Wait(ctx)
	// The token may have come in the very moment in which the run was stopped.
	if ctx.Err() != nil {
		return time.Time{}, context.Cause(ctx)
	}
	return time.Now(), err
}

// call makes one attempt. A call on the wire is never broken off because the
// run ends: its answer belongs in the report.
func (p *Pool) call(ctx context.Context, input *cognitoidentityprovider.AdminConfirmSignUpInput) answer {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.options.Timeout)
	defer cancel()
	p.inFlight.Add(1)
	defer p.inFlight.Add(-1)
	return classify(p.client.AdminConfirmSignUp(ctx, input))
}

// metadata lays the row's own metadata over the run's.
func (p *Pool) metadata(row Row) map[string]string {
	if row.ClientMetadata == nil {
		return p.options.ClientMetadata
	}
	merged := maps.Clone(p.options.ClientMetadata)
	if merged == nil {
		return row.ClientMetadata
	}
	maps.Copy(merged, row.ClientMetadata)
	return merged
}
