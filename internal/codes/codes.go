// Package codes knows which codes and statuses of users are shown where usernames
// are not: on streams, in summaries, events and metrics, on pages.
//
// The one idea in it: a name is shown because it is on a list, never because of how
// it looks. Whoever answers can write anything in the place of a code, the name of
// another row's user in base64 too, and no comparison finds all that.
package codes

import "regexp"

// Unknown is shown in place of a code that is on no list.
const Unknown = "unknown_code"

// httpStatus matches the codes of answers that had none of their own.
var httpStatus = regexp.MustCompile(`^http_[1-9][0-9]{2}$`)

// Shown returns a code as it may be shown: itself when it is one of AWS's or of
// this program's, and else [Unknown]. No code stays none.
func Shown(code string) string {
	if code == "" || isOwn(code) || IsException(code) || httpStatus.MatchString(code) {
		return code
	}
	return Unknown
}

// ShownStatus returns the status of a user as it may be shown: itself when the API
// has it, and else none.
func ShownStatus(status string) string {
	switch status {
	case "UNCONFIRMED", "CONFIRMED", "ARCHIVED", "COMPROMISED", "UNKNOWN", "RESET_REQUIRED", "FORCE_CHANGE_PASSWORD", "EXTERNAL_PROVIDER":
		return status
	}
	return ""
}

// isOwn reports whether a code is one that this program gives.
func isOwn(code string) bool {
	switch code {
	case
		// Calls without an answer, see internal/cognito.
		"timeout", "connection", "unexpected_answer", "credentials",
		"certificate", "certificate_unknown_authority", "certificate_wrong_host", "certificate_expired", "tls_refused", "wrong_scheme",
		"unknown_host", "unknown_proxy", "proxy_address", "proxy_authentication", "no_descriptors", "no_ports",
		// Rows that are not sent, see internal/rows.
		"empty_username", "username_too_long", "username_not_allowed", "client_metadata_too_long", "client_metadata_not_allowed",
		"malformed_record", "header_line",
		// A run that waits for its bucket, see internal/job.
		"store_unreachable":
		return true
	}
	return false
}
