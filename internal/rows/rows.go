// Package rows reads the users of a CSV file as rows for a pool.
//
// The one idea in it: bytes become rows in layers, each with one concern, and
// what cannot be used is refused before the first row. From the bottom: the
// file or standard input ([Open]), gzip, the checks of the encoding, the bytes
// of one record (rawBytes), the CSV parser (records), the columns (layout),
// and the rules for a username ([Reader]).
package rows

import "io"

// Options say what the input is and how it is laid out.
type Options struct {
	// Path names the file, "-" means Stdin. Only [Open] uses it.
	Path string
	// Stdin is read when Path is "-". Nil is an empty input.
	Stdin io.Reader
	// UsernameColumn names the column of usernames, compared without regard to
	// case and surrounding space. Empty: "username", else "cognito:username".
	UsernameColumn string
	// NoHeader means that the first record is already a user and that the
	// first column is the username.
	NoHeader bool
	// Delimiter separates the columns. Zero: a comma.
	Delimiter rune
	// MaxRecord is how many bytes a record may have before its line feed. A
	// longer one is invalid, and so is everything after it. Zero: 16 MiB.
	MaxRecord int
}

// defaultMaxRecord is far above any real record. What is longer begins with a
// quotation mark that nobody closed.
const defaultMaxRecord = 16 << 20

func (o Options) withDefaults() Options {
	if o.Delimiter == 0 {
		o.Delimiter = ','
	}
	if o.MaxRecord == 0 {
		o.MaxRecord = defaultMaxRecord
	}
	return o
}

// UnusableError says why an input cannot be read at all, and what to do.
type UnusableError struct {
	// Reason is one sentence for a person. Hint may be empty.
	Reason, Hint string
}

func (e *UnusableError) Error() string { return e.Reason }
