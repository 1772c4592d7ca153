package main

import (
	"errors"
	"fmt"
	"strings"

	"cognito-confirm/worker"
)

// codeOfCredentials is the code of a run that has nothing to sign with.
const codeOfCredentials = "credentials"

// adviceOn says what to do about an answer that ended a run.
func adviceOn(code string, target targetFlags) string {
	switch code {
	case "ResourceNotFoundException":
		return fmt.Sprintf("there is no pool %s in this account and region: look at --user-pool-id, --region, --profile", target.UserPoolID)
	case "AccessDeniedException", "AccessDenied":
		return "allow the action cognito-idp:AdminConfirmSignUp on the user pool; the README has the policy"
	case "UnrecognizedClientException", "InvalidClientTokenId", "MissingAuthenticationTokenException", "MissingAuthenticationToken":
		return "the access key is not known to AWS: look at --profile and AWS_ACCESS_KEY_ID"
	case "ExpiredTokenException", "ExpiredToken":
		return "the session has expired: sign in again, for example with aws sso login"
	case "InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignatureException", "RequestExpired", "RequestTimeTooSkewed":
		return "look at the secret access key and at this machine's clock"
	case "OperationNotEnabledException", "UnknownOperationException":
		return "this endpoint does not offer AdminConfirmSignUp for the pool: look at --endpoint-url and the pool's settings"
	case "InvalidParameterException":
		return "look at --user-pool-id"
	case "OptInRequired":
		return "the account is not enabled for this region"
	case codeOfCredentials:
		return "sign in or set --profile, AWS_PROFILE or AWS_ACCESS_KEY_ID; aws sts get-caller-identity shows what the AWS CLI finds"
	}
	return ""
}

// whyStopped says in one sentence why a run ended early, and what to do.
func whyStopped(err error, target targetFlags) (reason, hint string) {
	if fatal, ok := errors.AsType[*worker.FatalError](err); ok {
		return fatal.Error(), adviceOn(fatal.Code, target)
	}
	if streak, ok := errors.AsType[*worker.StreakError](err); ok {
		switch {
		case streak.Trigger:
			hint = "look at the logs of the pool's Lambda triggers before any more users miss what they do"
		case streak.Code == "UserNotFoundException":
			hint = "look whether this is the right pool, and whether the column holds usernames and not e-mail addresses or phone numbers that are not verified yet; --max-consecutive-failures 0 goes on regardless"
		default:
			hint = "if these rows are to be failed, --max-consecutive-failures 0 goes on regardless"
		}
		// The message may name the user, and this goes into logs; the report has it.
		return strings.TrimSuffix(streak.Error(), ": "+streak.Message), hint
	}
	if stall, ok := errors.AsType[*worker.StallError](err); ok {
		return stall.Error(), "look at the network, at the service's health and at the quota; --stall-timeout says how long to wait"
	}
	// Several errors are a line each; the reason is one.
	return strings.ReplaceAll(err.Error(), "\n", "; "), ""
}
