package main

import (
	"context"
	"errors"
	"io"
	"math"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/job"
	"cognito-confirm/worker"
)

// checkCommand reads the whole input the way a run would and calls nobody.
type checkCommand struct {
	flags.Input
	Rate    flags.Rate `default:"40" placeholder:"N" help:"Attempts a second of the run, to say how long it will take. Default: ${default}."`
	All     bool       `help:"List every line that would be refused or looks mangled, not only the first ${shown} of each kind."`
	Summary string     `placeholder:"PATH" help:"Write the findings in JSON; - for standard output."`
	Quiet   bool       `help:"No findings as text, errors only."`

	displayFlags
}

// assumedRate is what the usual quota of 50 calls a second leaves beside live
// traffic. It stands in for a rate that is yet to be found.
const assumedRate = 40

// Run is called by kong.
func (k *checkCommand) Run(ctx context.Context, c *console) error {
	k.displayFlags.set(c, k.Quiet)
	options, err := k.Options(c.stdin)
	if err != nil {
		return err
	}
	in, err := job.OpenInput(ctx, options, cognito.Target{})
	if err != nil {
		return &job.OpenError{Part: job.PartInput, Err: err}
	}
	defer in.Close()
	if info := in.Info(); info != nil { // a pipe cannot be written over
		input := job.File{Role: "input", Path: k.Path, Info: info}
		if err := job.Distinct(append(summaryFiles(k.Summary), input)...); err != nil {
			return err
		}
	}
	summary, err := openSummary(k.Summary, c.stdout, false)
	if err != nil {
		return err
	}
	if err := summary.removeEarlier(); err != nil {
		return err
	}
	shown := shownLines
	if k.All {
		shown = math.MaxInt
	}
	stop := showReading(c, "reading the input", in.Read)
	found, err := inspect(ctx, in, shown)
	stop()
	if err != nil {
		return err
	}
	found.Input, found.MetadataColumns = k.Path, append([]string{}, in.MetadataColumns()...)
	found.setLayout(in.Layout())
	if found.Rate = float64(k.Rate); found.Rate == 0 {
		found.Rate = assumedRate
	}
	found.Seconds = float64(found.Rows-found.Invalid) / found.Rate
	found.print(ctx, c)
	if err := summary.write(found); err != nil {
		return err
	}
	if found.Invalid > 0 {
		return &alreadySaid{exitUnsuccess}
	}
	return nil
}

// inspect reads every row of the source, and keeps shown lines of each kind.
func inspect(ctx context.Context, source worker.Source, shown int) (*inspection, error) {
	found := newInspection(shown)
	seen := newDuplicates()
	for {
		row, err := source.Next()
		if errors.Is(err, io.EOF) {
			found.Duplicates, found.DuplicateLines = seen.find(shown)
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		found.Rows++
		if row.Invalid != nil {
			found.refuse(row)
		} else {
			seen.add(row.Username, row.Line)
			found.look(row)
		}
		// Not for every row: a context's error takes a lock.
		if found.Rows%1024 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
}
