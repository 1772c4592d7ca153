package worker

// Row is one record of the input.
type Row struct {
	// Line is the physical line of the input on which the record starts,
	// counted from 1. LastLine is the one on which it ends; only a malformed
	// record sets it, and only when it swallowed more than one line.
	Line, LastLine int
	// Username is what is sent: the username column without the space around it.
	Username string
	// ClientMetadata is what the row's own client_metadata columns say, nil
	// where they say nothing. It is laid over the run's metadata.
	ClientMetadata map[string]string
	// Fields is the record as it stood in the input, nil when it is malformed.
	Fields []string
	// Invalid says why the row must not be sent, nil when it may be.
	Invalid *Invalid
}

// Invalid says why a row is refused before a call is spent on it.
type Invalid struct {
	// Code is one of this program's own codes, in lower_snake.
	Code string
	// Message is one sentence for a person, without the username in it.
	Message string
}

// The codes that a row can be refused with.
const (
	CodeEmptyUsername      = "empty_username"
	CodeUsernameTooLong    = "username_too_long"
	CodeUsernameNotAllowed = "username_not_allowed"
	CodeMetadataTooLong    = "client_metadata_too_long"
	CodeMetadataNotAllowed = "client_metadata_not_allowed"
	CodeMalformedRecord    = "malformed_record"
)
