package cognito

import (
	"context"
	"regexp"
	"strings"
	"sync/atomic"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"cognito-confirm/internal/oneline"
	"cognito-confirm/worker"
)

// judge decides the few answers whose meaning depends on what the run has seen
// before. All others have their meaning from the table.
type judge struct {
	// proven: a call got through. So the pool id is right, and the credentials
	// were. worked is the newest generation of them with which one did.
	proven atomic.Bool
	worked atomic.Int64
}

// gotThrough takes in that the service did what it was asked.
func (j *judge) gotThrough(try *attempt) {
	j.proven.Store(true)
	if generation := int64(try.generation); generation > j.worked.Load() {
		j.worked.Store(generation)
	}
}

// success is the answer to a call that the service did.
func (j *judge) success(try *attempt, metadata middleware.Metadata) worker.Answer {
	j.gotThrough(try)
	id, _ := awsmiddleware.GetRequestIDMetadata(metadata)
	return worker.Answer{Verdict: worker.Done, RequestID: oneline.Escape(id), Answered: true, InProtocol: true}
}

// failure tells what the error of a call means.
func (j *judge) failure(ctx context.Context, try *attempt, row worker.Row, err error) worker.Answer {
	a := classify(err, row.Username, try.sent.Load())
	switch a.Code {
	case codeExpiredToken, codeExpiredTokenOld:
		if a.InProtocol {
			a.Verdict = j.expired(ctx, try)
		}
	case codeInvalidParameter:
		if a.InProtocol && !j.proven.Load() && refusesPoolID(a.Message, row) {
			a.Verdict = worker.Fatal
		}
	case codeNotAuthorized:
		switch {
		case a.Verdict != worker.AlreadyDone:
		case try.doubt != nil:
			return classify(try.doubt, row.Username, true)
		default:
			j.gotThrough(try)
		}
	}
	return a
}

// expired decides about credentials that the service calls expired. Others are
// loaded; with those the attempt is made once more. If there are no others, a
// run that never got through cannot begin; a later one waits for somebody to
// sign in again, as it waits for the end of an outage. It does so too when the
// source has others all the time, none of which work.
func (j *judge) expired(ctx context.Context, try *attempt) worker.Verdict {
	proven := j.proven.Load()
	if try.signer != nil {
		replaced, err := try.signer.replace(ctx, try.generation)
		switch {
		case err != nil:
			return worker.Transient
		case replaced && (!proven || int64(try.generation) <= j.worked.Load()):
			return worker.FatalIfRepeated
		}
	}
	if proven {
		return worker.Transient
	}
	return worker.Fatal
}

// poolIDRefused matches where the service names the field that it refuses, after
// the field's value. A pool id has no spaces and no quotation marks.
var poolIDRefused = regexp.MustCompile(`^\d+ validation errors? detected: Value ('[\w-]*' )?at 'userPoolId' failed to satisfy constraint`)

// refusesPoolID reports whether the message of an InvalidParameterException is
// about the pool id, and not about a row with that very text in it.
func refusesPoolID(message string, row worker.Row) bool {
	const field = "userPoolId"
	if !poolIDRefused.MatchString(message) || strings.Contains(row.Username, field) {
		return false
	}
	for key, value := range row.ClientMetadata {
		if strings.Contains(key, field) || strings.Contains(value, field) {
			return false
		}
	}
	return true
}
