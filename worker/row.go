package worker

// Row is one record of the input. It is a value: what happens to it is kept
// elsewhere.
type Row struct {
	// Line is the physical line of the input on which the record starts,
	// counted from 1. LastLine is the line on which it ends. Only a malformed record
	// of several lines sets it.
	Line, LastLine int
	// Username is what is sent: the username column without the space around it.
	Username string
	// ClientMetadata comes from the row's own client_metadata columns, nil where
	// they are empty. It overrides the run's metadata.
	ClientMetadata map[string]string
	// Raw is the record's own bytes with its line end. The result of a row that
	// succeeded comes without it.
	Raw string
	// Invalid tells why the row must not be sent, nil when it may be.
	Invalid *Invalid
	// Unended means that nothing ends the record but the end of the input. In a
	// file that is still being written it may be half a record.
	Unended bool
}

// Invalid tells why a row is refused before a call is spent on it.
type Invalid struct {
	// Code is one of this program's own codes, in lower_snake.
	Code string
	// Message is one sentence for a person, without the username in it.
	Message string
}

// Size returns about how many bytes of memory the row takes.
func (r *Row) Size() int {
	const itself = 200
	size := itself + len(r.Raw) + len(r.Username)
	for key, value := range r.ClientMetadata {
		size += itself + len(key) + len(value)
	}
	return size
}
