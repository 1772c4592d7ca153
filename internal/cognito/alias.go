package cognito

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cognito-confirm/worker"
)

// The pool is asked for so often, so far apart, before a run gives up.
const (
	describeAttempts = 5
	describePause    = 2 * time.Second
)

// AliasError means that attributes must not be marked as verified in a pool, or that
// it is unknown whether they may.
type AliasError struct {
	// Attributes are aliases in the pool; none: the pool could not be asked.
	Attributes []string
	// Cause is why it could not, in a few words of this program.
	Cause string
	// Transient: it may be possible later.
	Transient bool
	// Code is the answer's when the way to the service is at fault, and else "".
	Code string
}

func (e *AliasError) Error() string {
	if len(e.Attributes) == 0 {
		return "describe user pool: " + e.Cause
	}
	return fmt.Sprintf("people sign in to this pool with their verified %s: to mark it takes it from any other user who has it, who then cannot sign in with it any more",
		strings.Join(e.Attributes, " or "))
}

// Hint tells what to do about it, for the target that was asked.
func (e *AliasError) Hint(t Target) string {
	const regardless = "--allow-alias-takeover goes on regardless"
	switch {
	case len(e.Attributes) > 0:
		return "look whether an address is used twice in the pool (cognito-confirm list --status any); " + regardless
	case e.Code != "":
		return Advice(e.Code, t)
	case e.Transient:
		return "run the same command again later"
	}
	return "whether attributes are aliases in the pool has to be known before the first is marked: allow cognito-idp:" + describeOperation + " on the pool; " + regardless
}

// CheckAliases returns an [*AliasError] when one of the attributes is an alias in the
// pool. Then the service gives the alias to the user for whom it is marked as
// verified, and the user who had it is not told. The error is the cause of ctx when
// that ends first.
//
// See https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
func CheckAliases(ctx context.Context, client Client, userPoolID string, attributes []string) error {
	for attempt := 1; ; attempt++ {
		settings, answer := describe(ctx, client, userPoolID)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if answer.Verdict == worker.Done {
			return settings.checkAliases(attributes)
		}
		mayPass := slices.Contains([]worker.Verdict{worker.Transient, worker.Throttled, worker.FatalIfRepeated}, answer.Verdict)
		if !mayPass || attempt == describeAttempts {
			refused := &AliasError{Cause: cmp.Or(answer.Cause, answer.Code), Transient: mayPass}
			if answer.Verdict == worker.Misconfigured {
				refused.Code = answer.Code
			}
			return refused
		}
		select {
		case <-time.After(describePause):
		case <-ctx.Done():
		}
	}
}

func (s PoolSettings) checkAliases(attributes []string) error {
	taken := slices.DeleteFunc(slices.Clone(attributes), func(name string) bool {
		return !slices.ContainsFunc(s.AliasAttributes, func(alias string) bool { return strings.EqualFold(alias, name) })
	})
	if len(taken) > 0 {
		return &AliasError{Attributes: taken}
	}
	return nil
}
