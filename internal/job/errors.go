package job

import (
	"errors"
	"fmt"
)

// Part is a part of a job that Open opens.
type Part int

// The parts of a job.
const (
	// PartInput is the input, read as far as the report goes.
	PartInput Part = iota
	// PartOutputs are the report and the failed-rows file.
	PartOutputs
	// PartService is the user pool: its id, the configuration, the credentials.
	PartService
)

// OpenError means that Open failed: nobody was called and nothing was changed.
type OpenError struct {
	Part Part
	Err  error
}

func (e *OpenError) Error() string { return e.Err.Error() }

// Unwrap returns what failed.
func (e *OpenError) Unwrap() error { return e.Err }

// StartError means that Run did not begin: nobody was called.
type StartError struct{ Err error }

func (e *StartError) Error() string { return e.Err.Error() }

// Unwrap returns what failed.
func (e *StartError) Unwrap() error { return e.Err }

// ErrNoReport means that the report needs a path of its own.
var ErrNoReport = errors.New("standard input and pipes have no name to derive the report's from")

// SameFileError means that two files of a job are one. Writing one of them
// would destroy the other.
type SameFileError struct {
	// First and Second are what the file is to the job.
	First, Second string
	Path          string
}

func (e *SameFileError) Error() string {
	return fmt.Sprintf("the %s and the %s are the same file: %s", e.First, e.Second, e.Path)
}

// ReportThereError means that a report is in the way of something else. Not even
// --overwrite replaces it.
type ReportThereError struct{ Path string }

func (e *ReportThereError) Error() string { return e.Path + " is the report of a run" }

// ErrInputChanged means that somebody wrote to the input during the run. What was
// read is done; it may be the rows of two files.
var ErrInputChanged = errors.New("the input changed during the run: the report may be about the rows of two files")
