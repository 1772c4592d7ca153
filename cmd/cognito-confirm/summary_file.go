package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"

	"cognito-confirm/internal/atomicfile"
	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/store"
)

// summaryFile is where --summary goes. The one of an earlier run is removed first, so
// that a run that is killed leaves none.
type summaryFile struct{ outputFile }

// summaryStart matches how a summary of this program begins, that of a run or
// that of a check, and no other file that has one of these words.
var summaryStart = regexp.MustCompile(`^\{\s*(?:` +
	`"outcome": "(?:finished|stopped|interrupted)",\s*"reason": ` + jsonText + `,\s*"exit_status": |` +
	`"input": ` + jsonText + `,\s*"rows": \d+,\s*"invalid": \d+,\s*"codes": )`)

// jsonText matches a string in JSON.
const jsonText = `"(?:[^"\\]|\\.)*"`

// openSummary finds out, before the run, whether the summary can be written.
func openSummary(path string, stdout io.Writer, overwrite bool) (*summaryFile, error) {
	if store.IsAddress(path) {
		return nil, flags.Usage("the summary cannot be in S3", "give a path, or - for standard output")
	}
	f := &summaryFile{outputFile{
		path: path, stdout: stdout, options: atomicfile.Options{Overwrite: overwrite, Ours: summaryStart.Match},
		what: "summary", foreign: " and is no summary of an earlier run", hint: "give another --summary",
	}}
	return f, f.check()
}

// removeEarlier takes away what an earlier run wrote.
func (f *summaryFile) removeEarlier() error {
	if !f.isFile() {
		return nil
	}
	info, err := os.Lstat(f.path)
	if err == nil && info.Mode().IsRegular() {
		err = os.Remove(f.path)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove earlier summary: %w", err)
	}
	return nil
}

// write writes the summary as one indented JSON object.
func (f *summaryFile) write(summary any) error {
	err := f.outputFile.write(func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(summary)
	})
	if err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	return nil
}
