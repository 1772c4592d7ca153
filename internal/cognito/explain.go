package cognito

import (
	"slices"
	"strings"

	"cognito-confirm/worker"
)

// Explanation tells what it means that rows did not succeed. Both sentences
// begin in lower case and have no full stop.
type Explanation struct {
	// Meaning is what happened, Remedy what to do about it.
	Meaning, Remedy string
	// TryAgain: the same rows may succeed when they are tried again as they are.
	TryAgain bool
	// Correct: they may succeed when their usernames or metadata are corrected in the input.
	Correct bool
}

// Explain tells what it means that rows ended with a status other than success,
// a code and a user status, as a report has them. It has an answer to
// everything that can be there.
func Explain(status worker.Status, code, userStatus string) Explanation {
	switch status {
	case worker.StatusInvalid:
		return explainInvalid(code)
	case worker.StatusTriggerFailed:
		return explainTrigger()
	case worker.StatusNotVerified:
		return explainNotVerified(code)
	}
	if known := userStatuses[userStatus]; known.rows != (Explanation{}) {
		return known.rows
	}
	if userStatus != "" {
		return Explanation{Meaning: "users with this status cannot be confirmed", Remedy: "look at one of them with aws cognito-idp admin-get-user"}
	}
	known, ok := meaningOf(code)
	switch {
	case known.rows != (Explanation{}):
		return known.rows
	case !ok && !strings.HasPrefix(code, "http_"):
		return Explanation{Meaning: "the service refuses these rows with a code that this program does not know",
			Remedy: "look at the message and at AWS's description of AdminConfirmSignUp"}
	case known.verdict == worker.Transient || !ok:
		return Explanation{Meaning: "the service answered others but failed these rows again and again; some of these users may be confirmed",
			Remedy: "try these rows again", TryAgain: true}
	default:
		return Explanation{Meaning: "the service answered others but refused these rows with what usually ends a run",
			Remedy: "look at the message and try these rows again", TryAgain: true}
	}
}

// explainTrigger explains what the table has about a trigger, whatever the code.
func explainTrigger() Explanation {
	trigger := slices.IndexFunc(answers, func(m meaning) bool { return m.verdict == worker.TriggerFailed })
	return answers[trigger].rows
}

func explainNotVerified(code string) Explanation {
	e := Explanation{Meaning: "these users are confirmed, but their attributes could not be marked as verified"}
	switch code {
	case codeInvalidParameter:
		e.Remedy = "look whether they have such attributes, with aws cognito-idp admin-get-user"
	case "AliasExistsException":
		e.Remedy = "another user has the same address or number: find out whose it is"
	default:
		e.Remedy, e.TryAgain = "try these rows again with the same --mark-verified", true
	}
	return e
}

// Codes of rows that were never sent, whose correction is not the usual one.
const (
	codeMalformedRecord = "malformed_record"
	codeHeaderLine      = "header_line"
)

func explainInvalid(code string) Explanation {
	const remedy = "correct them in the input where they stand, and add --retry-failed to the command"
	switch code {
	case codeMalformedRecord:
		return Explanation{Meaning: "never sent: these records cannot be read, or do not fit the header", Remedy: remedy, Correct: true}
	case codeHeaderLine:
		return Explanation{Meaning: "never sent: a header in the place of a user", Remedy: "take the line out of the input; there is nobody to confirm"}
	}
	return Explanation{Meaning: "never sent: the service is sure to refuse these rows", Remedy: remedy, Correct: true}
}

// WithoutAdvice returns the message of a row as the service wrote it, without
// the advice that a report has after it.
func WithoutAdvice(message, userStatus string) string {
	if advice := userStatuses[userStatus].advice; advice != "" {
		message = strings.TrimSuffix(message, "; "+advice)
	}
	return message
}
