package rows

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"cognito-confirm/worker"
)

// The codes of rows that are invalid.
const (
	// CodeEmptyUsername is that of a row whose username column is empty.
	CodeEmptyUsername = "empty_username"
	// CodeUsernameTooLong is that of a username of more than 128 characters.
	CodeUsernameTooLong = "username_too_long"
	// CodeUsernameNotAllowed is that of a username with a character that the API rejects.
	CodeUsernameNotAllowed = "username_not_allowed"
	// CodeMetadataTooLong is that of client metadata of more than 131,072 characters.
	CodeMetadataTooLong = "client_metadata_too_long"
	// CodeMetadataNotAllowed is that of client metadata that is not UTF-8.
	CodeMetadataNotAllowed = "client_metadata_not_allowed"
	// CodeMalformedRecord is that of a record that cannot be parsed or does not
	// fit the columns, and of one that seems to have other rows in it.
	CodeMalformedRecord = "malformed_record"
	// CodeHeaderLine is that of a header in the place of a user.
	CodeHeaderLine = "header_line"
)

const (
	// maxUsername is the API's limit on Username, in characters.
	maxUsername = 128
	// maxMetadataValue is the API's limit on a value of ClientMetadata, in characters.
	maxMetadataValue = 131072
)

// validateUsername checks a username against the constraints of the API model
// (length 1-128, pattern [\p{L}\p{M}\p{S}\p{N}\p{P}]+), so that no call is
// spent on one that the service is sure to refuse.
//
// Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminConfirmSignUp.html
func validateUsername(username string) *worker.Invalid {
	if username == "" {
		return &worker.Invalid{Code: CodeEmptyUsername, Message: "the username is empty"}
	}
	if len(username) <= maxUsername && isPlainName(username) {
		return nil
	}
	characters := 0
	for i, r := range username {
		characters++
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(username[i:]); size == 1 {
				return &worker.Invalid{Code: CodeUsernameNotAllowed, Message: fmt.Sprintf("character %d is not UTF-8; save the file as UTF-8", characters)}
			}
		}
		if !unicode.IsPrint(r) || r == ' ' { // what is left is L, M, S, N or P
			return &worker.Invalid{Code: CodeUsernameNotAllowed, Message: fmt.Sprintf("character %d is %U, which a username cannot contain", characters, r)}
		}
	}
	if characters > maxUsername {
		return &worker.Invalid{Code: CodeUsernameTooLong, Message: fmt.Sprintf("%d characters, at most %d are allowed", characters, maxUsername)}
	}
	return nil
}

// isPlainName reports that the text is of the ASCII that a username may have: all
// that can be printed is L, S, N or P, except the space.
func isPlainName(text string) bool {
	for i := range len(text) {
		if text[i] < '!' || text[i] > '~' {
			return false
		}
	}
	return true
}

// ValidateMetadata checks one pair of client metadata against the limits of the
// API model. It returns nil when the pair may be sent. JSON carries UTF-8 only:
// the trigger would get replacement characters in place of another encoding, so
// that is refused.
func ValidateMetadata(key, value string) *worker.Invalid {
	for _, text := range [...]string{key, value} {
		if !utf8.ValidString(text) {
			return &worker.Invalid{Code: CodeMetadataNotAllowed, Message: fmt.Sprintf("client metadata %q is not UTF-8", key)}
		}
		if len(text) > maxMetadataValue && utf8.RuneCountInString(text) > maxMetadataValue {
			return &worker.Invalid{Code: CodeMetadataTooLong, Message: fmt.Sprintf("client metadata %.64q has more than %d characters", key, maxMetadataValue)}
		}
	}
	return nil
}
