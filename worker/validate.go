package worker

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

const (
	// maxUsername is the API's limit on Username, in characters.
	maxUsername = 128
	// maxMetadataValue is the API's limit on a value of ClientMetadata, in characters.
	maxMetadataValue = 131072
)

// validateUsername holds a username against the constraints of the API model
// (length 1-128, pattern [\p{L}\p{M}\p{S}\p{N}\p{P}]+), so that no call is
// spent on one that can only be refused.
//
// Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminConfirmSignUp.html
func validateUsername(username string) *Invalid {
	if username == "" {
		return &Invalid{CodeEmptyUsername, "the username is empty"}
	}
	characters := 0
	for i, r := range username {
		characters++
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(username[i:]); size == 1 {
				return &Invalid{CodeUsernameNotAllowed, fmt.Sprintf("character %d is not UTF-8; save the file as UTF-8", characters)}
			}
		}
		if !allowedInUsername(r) {
			return &Invalid{CodeUsernameNotAllowed, fmt.Sprintf("character %d is %U, which a username cannot contain", characters, r)}
		}
	}
	if characters > maxUsername {
		return &Invalid{CodeUsernameTooLong, fmt.Sprintf("%d characters, at most %d are allowed", characters, maxUsername)}
	}
	return nil
}

func allowedInUsername(r rune) bool {
	if r < utf8.RuneSelf {
		return '!' <= r && r <= '~' // all of printable ASCII is L, S, N or P, except the space
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.S, unicode.N, unicode.P)
}

// ValidateMetadata holds one pair of client metadata against the limits of the
// API model. JSON carries nothing but UTF-8: another encoding would reach the
// trigger as replacement characters without a word, so it is refused.
func ValidateMetadata(key, value string) *Invalid {
	for _, text := range [...]string{key, value} {
		if !utf8.ValidString(text) {
			return &Invalid{CodeMetadataNotAllowed, fmt.Sprintf("client metadata %q is not UTF-8", key)}
		}
		if len(text) > maxMetadataValue && utf8.RuneCountInString(text) > maxMetadataValue {
			return &Invalid{CodeMetadataTooLong, fmt.Sprintf("client metadata %.64q has more than %d characters", key, maxMetadataValue)}
		}
	}
	return nil
}
