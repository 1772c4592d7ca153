package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// summaryFile is where --summary goes. It is opened before the first call, so
// that a wrong path is found out before the run and not after it. A run that
// is killed leaves it empty, never with what an earlier run wrote.
type summaryFile struct {
	out   io.Writer // nil for none
	close func() error
}

func openSummary(path string, stdout io.Writer) (*summaryFile, error) {
	noop := func() error { return nil }
	switch path {
	case "":
		return &summaryFile{close: noop}, nil
	case "-":
		return &summaryFile{out: stdout, close: noop}, nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, usageError(fmt.Sprintf("open summary: %v", err), "")
	}
	return &summaryFile{out: file, close: file.Close}, nil
}

// write writes the summary as one indented JSON object.
func (f *summaryFile) write(summary any) error {
	if f.out == nil {
		return nil
	}
	encoder := json.NewEncoder(f.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := errors.Join(encoder.Encode(summary), f.close()); err != nil {
		return &exitError{status: exitStopped, message: fmt.Sprintf("write summary: %v", err)}
	}
	return nil
}
