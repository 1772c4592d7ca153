package main

import (
	"context"
	"errors"
	"io"

	"cognito-confirm/worker"
)

// checkCommand reads the whole input the way a run would and calls nobody.
type checkCommand struct {
	inputFlags
	Rate    rateFlag `default:"40" placeholder:"N" help:"Attempts a second that the run will have, for the time it takes. Default: ${default}."`
	Summary string   `placeholder:"PATH" help:"Write the findings in JSON; - for standard output."`
	Quiet   bool     `help:"No findings as text, errors only."`
}

// assumedRate is what the usual quota of 50 calls a second leaves beside live
// traffic, for a time when the rate is to be found.
const assumedRate = 40

// Run is called by kong.
func (k *checkCommand) Run(ctx context.Context, c *console) error {
	c.quiet = k.Quiet
	in, err := k.open(ctx, c.stdin)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := k.place(in); err != nil {
		return err
	}
	summary, err := openSummary(k.Summary, c.stdout)
	if err != nil {
		return err
	}
	if err := summary.begin(); err != nil {
		return err
	}
	found, err := inspect(ctx, in)
	if err != nil {
		return err
	}
	found.Input, found.MetadataColumns = k.Input, append([]string{}, in.MetadataColumns()...)
	if found.Rate = float64(k.Rate); found.Rate == 0 {
		found.Rate = assumedRate // whatever the quota will turn out to be
	}
	found.Seconds = float64(found.Rows-found.Invalid) / found.Rate
	found.print(c)
	if err := summary.write(found); err != nil {
		return err
	}
	if found.Invalid > 0 {
		return &exitError{status: exitUnsuccess}
	}
	return nil
}

// place refuses to write the findings over the input.
func (k *checkCommand) place(in *input) error {
	if k.Summary == "" || k.Summary == "-" {
		return nil
	}
	return refuseSame(append(in.places(k.Input), place{role: "summary", path: k.Summary}))
}

// inspect reads every row of the source.
func inspect(ctx context.Context, source worker.Source) (*findings, error) {
	found := newFindings()
	seen := newDuplicates()
	for {
		row, err := source.Next()
		if errors.Is(err, io.EOF) {
			found.Duplicates, found.DuplicateLines = seen.find()
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
		}
		// Looked at now and then: it is a lock on the way of every row.
		if found.Rows%1024 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
}
