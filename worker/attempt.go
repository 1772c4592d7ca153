package worker

import (
	"context"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// progress is how far a row has come with its attempts.
type progress struct {
	result       Result
	health       rowHealth
	maybeDone    bool // an unanswered attempt may have confirmed the user
	secondChance bool // the one more attempt of fatalIfRepeated is spent
}

// confirm takes one row through as many attempts as it needs. An error is for
// the run, not for the row: the row then has no result, and a later run does it.
func (p *Pool) confirm(ctx context.Context, row Row) (Result, error) {
	username := row.Username // on its own: the input keeps what it points into
	input := &cognitoidentityprovider.AdminConfirmSignUpInput{
		UserPoolId:     &p.options.UserPoolID,
		Username:       &username,
		ClientMetadata: p.metadata(row),
	}
	to := progress{result: Result{Row: row}}
	p.unfinished.Add(1)
	defer func() {
		p.unfinished.Add(-1)
		if to.health.suspect {
			p.suspects.Add(-1)
		}
	}()
	for {
		sent, probing, err := p.admit(ctx)
		if err != nil {
			return Result{}, err
		}
		answer := p.call(ctx, input)
		p.outage.observe(sent, answer)
		if probing {
			p.outage.probed()
		}
		if answer.answered {
			p.limiter.Observe(sent, answer.verdict == throttled)
		}
		to.count(sent, answer)
		isDone, err := to.judge(answer)
		if answer.verdict == passing {
			isDone, err = p.backOff(ctx, &to.health, sent)
		}
		if err != nil {
			return Result{}, err
		}
		if isDone {
			return to.result, nil
		}
	}
}

// admit returns the time when an attempt may be sent: there is no outage, or it
// is this row's turn to probe, and the limiter lets it pass. Every attempt comes
// through here, retries too.
func (p *Pool) admit(ctx context.Context) (sent time.Time, probing bool, err error) {
	for {
		until, probing, err := p.outage.hold(ctx, p.pause)
		if err != nil {
			return time.Time{}, false, err
		}
		err = p.limiter.Wait(until)
		// The token may have come in the very moment in which either ended.
		switch {
		case ctx.Err() != nil:
			err = context.Cause(ctx)
		case until.Err() != nil:
			continue
		}
		if err != nil {
			if probing {
				p.outage.probed()
			}
			return time.Time{}, false, err
		}
		return time.Now(), probing, nil
	}
}

// count takes in what every answer tells.
func (to *progress) count(sent time.Time, a answer) {
	if to.result.Attempts == 0 {
		to.result.StartedAt = sent
	}
	to.result.Attempts++
	to.result.Duration = time.Since(to.result.StartedAt)
	if a.answered {
		to.result.RequestID = a.requestID
	}
	to.result.Code, to.result.Message = a.code, a.message
}

// judge says whether the answer is the row's last. If it passes, the result is
// that of a row which has no attempts left.
func (to *progress) judge(a answer) (isDone bool, err error) {
	switch a.verdict {
	case confirmed:
		to.result.Status = StatusConfirmed
	case alreadyConfirmed:
		to.result.Status = StatusAlreadyConfirmed
		if to.maybeDone {
			to.result.Status, to.result.Code = StatusConfirmed, ""
			to.result.Message = "confirmed, most likely by an earlier attempt of this run whose answer was lost"
		}
	case rowFailed:
		to.result.Status = StatusFailed
	case triggerFailed:
		to.result.Status = StatusTriggerFailed
	case throttled:
		// Never a row's outcome: the next token is the wait.
		to.result.Throttled++
		return false, nil
	case fatalIfRepeated:
		if !to.secondChance {
			to.secondChance = true
			return false, nil
		}
		fallthrough
	case fatal:
		return false, &FatalError{Code: a.code, Message: a.message}
	case passing:
		to.maybeDone = to.maybeDone || a.maybeDone
		to.result.Status = StatusFailed
		return false, nil
	}
	return true, nil
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
