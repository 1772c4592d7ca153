package flags

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"cognito-confirm/internal/rows"
)

// Input tells what to read and how. It is the same for every command that reads
// users.
type Input struct {
	Path           string    `arg:"" name:"input" help:"CSV with a column of usernames, which may be packed with gzip: a path or s3://bucket/key; - reads standard input."`
	UsernameColumn string    `placeholder:"NAME" help:"Column of the usernames. Default: 'username', or else 'cognito:username'."`
	NoHeader       bool      `help:"The first line is already a user, and the first column is the username."`
	Delimiter      Delimiter `placeholder:"CHAR" help:"What separates the columns: a character, or 'tab'. Default: a comma, or else what the header is separated by."`
}

// Options returns the flags as options of the reader.
func (f Input) Options(stdin io.Reader) (rows.Options, error) {
	if f.NoHeader && f.UsernameColumn != "" {
		return rows.Options{}, &UsageError{"--username-column needs a header, and with --no-header there is none", "without a header the first column is the username"}
	}
	return rows.Options{
		Path:           f.Path,
		Stdin:          stdin,
		UsernameColumn: f.UsernameColumn,
		NoHeader:       f.NoHeader,
		Delimiter:      rune(f.Delimiter),
	}, nil
}

// Delimiter is one character, or the word tab.
type Delimiter rune

// Decode reads the flag for kong.
func (d *Delimiter) Decode(ctx *kong.DecodeContext) error {
	return Decode(ctx, "delimiter", d, parseDelimiter)
}

func parseDelimiter(text string) (Delimiter, error) {
	r, size := utf8.DecodeRuneInString(text)
	switch {
	case text == "tab" || text == `\t`:
		return '\t', nil
	case size != len(text) || r == utf8.RuneError || strings.ContainsRune("\"\r\n", r):
		return 0, fmt.Errorf("%q is not one character that can separate columns", text)
	}
	return Delimiter(r), nil
}
