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
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/store"
)

// summaryFile is where --summary goes: a path, "-" for standard output, or "".
// A run that is killed leaves none, never what an earlier run wrote.
type summaryFile struct {
	path    string
	stdout  io.Writer
	options atomicfile.Options
}

// summaryStart matches how a summary of this program begins, that of a run or
// that of a check, and no other file that has one of these words.
var summaryStart = regexp.MustCompile(`^\{\s*(?:` +
	`"outcome": "(?:finished|stopped|interrupted)",\s*"reason": ` + jsonText + `,\s*"exit_status": |` +
	`"input": ` + jsonText + `,\s*"rows": \d+,\s*"invalid": \d+,\s*"codes": )`)

// jsonText matches a string in JSON.
const jsonText = `"(?:[^"\\]|\\.)*"`

// openSummary finds out, before the run, whether the summary can be written.
func openSummary(path string, stdout io.Writer, overwrite bool) (*summaryFile, error) {
	f := &summaryFile{path: path, stdout: stdout, options: atomicfile.Options{Overwrite: overwrite, Ours: summaryStart.Match}}
	if !f.isFile() {
		return f, nil
	}
	if store.IsAddress(path) {
		return nil, flags.Usage("the summary cannot be in S3", "give a path, or - for standard output")
	}
	err := atomicfile.Check(path, f.options)
	if is[*atomicfile.ExistsError](err) {
		return nil, flags.Usage(err.Error()+" and is no summary of an earlier run", "give another --summary")
	}
	if err != nil {
		return nil, flags.Usage(fmt.Sprintf("open summary: %v", err), "")
	}
	return f, nil
}

func (f *summaryFile) isFile() bool { return f.path != "" && f.path != "-" }

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

// summaryFiles names the file among those that must not be one.
func summaryFiles(path string) []job.File {
	if path == "" || path == "-" {
		return nil
	}
	return []job.File{{Role: "summary", Path: path}}
}

// write writes the summary as one indented JSON object.
func (f *summaryFile) write(summary any) error {
	var err error
	switch {
	case f.path == "-":
		err = encode(f.stdout, summary)
	case f.isFile():
		err = atomicfile.Write(f.path, f.options, func(w io.Writer) error { return encode(w, summary) })
	}
	if err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	return nil
}

func encode(w io.Writer, summary any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(summary)
}
