// Package rows reads the users of a CSV file as rows for a pool.
//
// The one idea in it: bytes become rows in layers, each with one concern, and
// what cannot be used is refused before the first row. From the bottom: the
// file or standard input ([Open]), gzip, the encoding, the bytes of one record
// (splitter), the CSV parser (records), the columns (columnLayout), and the
// rules for a username ([Reader]).
package rows

import (
	"cmp"
	"io"
)

// Options tell what the input is and how it is laid out.
type Options struct {
	// Path names the file, "-" means Stdin. [Open] opens it, and hints name it.
	Path string
	// Stdin is read when Path is "-". Nil is an empty input.
	Stdin io.Reader
	// Object is read in place of a file, and Path is its address. Nil: Path names
	// a file.
	Object Object
	// Section is the part of the Object to read, whose text must then be UTF-8 and
	// not packed. Nil: all of it.
	Section *Section
	// UsernameColumn names the column of usernames, compared without regard to
	// case and surrounding space. Empty: "username", else "cognito:username".
	UsernameColumn string
	// NoHeader means that the first record is already a user and that the
	// first column is the username.
	NoHeader bool
	// Delimiter separates the columns. Zero: the one that a first line like "sep=;"
	// sets, else a comma, or the only one of semicolon, tab and "|" that makes a
	// header with a username column when the comma does not.
	Delimiter rune
	// MaxRecord is how many bytes a record may have before its line end. A
	// longer one is invalid, and so is everything after it. Zero: 16 MiB.
	MaxRecord int
	// OnShort is told the line of each row whose last cells are missing, by the
	// goroutine that reads. Nil: nobody wants to know.
	OnShort func(line int)
}

// defaultMaxRecord is far above any real record. What is longer begins with a
// quotation mark that nobody closed.
const defaultMaxRecord = 16 << 20

// delimiter is the one that is tried first.
func (o Options) delimiter() rune { return cmp.Or(o.Delimiter, ',') }

// Object is an input that is not in the file system, in one version.
type Object interface {
	// Size is in bytes.
	Size() int64
	// NewReader returns a reader of the bytes from..to, to itself not among them. It
	// shares it with no other.
	NewReader(from, to int64) io.Reader
}

// UnusableError tells why an input cannot be read, and what to do. From [Open]
// it means not at all. From [Reader.Next] it means from there on: the rows before
// it are sound, and a run can go on only when the input was corrected.
type UnusableError struct {
	// Reason is one sentence for a person, on one line and without usernames.
	// Hint is another, and may be empty.
	Reason, Hint string

	// afterEnd means that what cannot be read comes after the end of the text.
	afterEnd bool
	// isTorn reports that there may be more to come when the file is still being written.
	isTorn bool
}

func (e *UnusableError) Error() string { return e.Reason }
