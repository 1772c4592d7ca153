package main

import (
	"context"
	"errors"
	"io"
	"math"
	"runtime/debug"
	"slices"

	"github.com/alecthomas/kong"

	"cognito-confirm/internal/audit"
	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/program"
	"cognito-confirm/internal/store"
	"cognito-confirm/worker"
)

// checkCommand reads the whole input the way a run would. Without a pool it calls
// nobody; with one it asks for the pool's users, and compares them with the rows. It
// confirms nobody.
type checkCommand struct {
	flags.Input

	UserPoolID string `name:"user-pool-id" placeholder:"ID" help:"Compare the rows with the users of this pool. Without it nobody is called."`
	flags.Access

	All     bool   `help:"List every line that would be refused, looks mangled or is at odds with the pool, not only the first ${shown} of each kind."`
	Details string `placeholder:"PATH" help:"Write what the pool has for each row as a CSV; - for standard output."`
	walkFlags

	runFlags
}

// assumedRate is what the usual quota of 50 calls a second leaves beside live
// traffic. It stands in for a rate that is yet to be found.
const assumedRate = 40

// checkGCPercent: 16 bytes of each row are alive until the end, and three times as
// much in garbage is more than the rows are worth.
const checkGCPercent = 40

// Run is called by kong.
func (k *checkCommand) Run(ctx context.Context, c *console) error {
	k.displayFlags.set(c, k.Quiet)
	defer debug.SetGCPercent(debug.SetGCPercent(checkGCPercent))
	if err := k.check(); err != nil {
		return err
	}
	return &alreadySaid{c.status(k.run(ctx, c), job.Options{Target: k.target()})}
}

// showOwnFlags has the help of check show of a run's flags only those that decide
// something in a check. The others are taken, and refused where a run would.
func showOwnFlags(program *kong.Node) {
	own := []string{"username-column", "no-header", "delimiter", "user-pool-id", "region", "profile", "endpoint-url",
		"report", "scratch", "allow-failed-rows", "rate", "timeout", "stall-timeout", "summary", "quiet", "progress", "log-format"}
	ofRun := flagsOf(program, "run")
	for name, flag := range flagsOf(program, "check") {
		flag.Hidden = ofRun[name] != nil && name != "help" && !slices.Contains(own, name)
		switch name {
		case "report":
			flag.Help = "Compare the pool with this report of a run, a path or s3://bucket/key."
		case "scratch":
			flag.Help = "Where --details and a report in S3 are on the way. Default: the directory for temporary files."
		case "allow-failed-rows":
			flag.Help = "Exit with 3 only if the pool denies the report."
		case "summary":
			flag.Help = "Write the findings in JSON; - for standard output."
		case "quiet":
			flag.Help = "No progress and no findings as text, errors only."
		}
	}
}

// flagsOf returns the flags of a command by name.
func flagsOf(program *kong.Node, command string) map[string]*kong.Flag {
	found := make(map[string]*kong.Flag)
	for _, child := range program.Children {
		for _, flag := range child.Flags {
			if child.Name == command {
				found[flag.Name] = flag
			}
		}
	}
	return found
}

func (k *checkCommand) target() cognito.Target { return k.To(k.UserPoolID) }

// check refuses flags that make no sense: those of a run too, for the same flags
// are to go on to it.
func (k *checkCommand) check() error {
	if err := errors.Join(k.runFlags.check(), k.metricsFlags.check(k.LogFormat), k.walkFlags.check()); err != nil {
		return err
	}
	switch {
	case k.UserPoolID == "" && k.Details != "":
		return flags.Usage("--details needs --user-pool-id", "without a pool nothing is known of a row but what is in the input")
	case k.Summary == "-" && k.Details == "-":
		return flags.Usage("--summary and --details cannot both be standard output", "")
	case store.IsAddress(k.Details):
		return flags.Usage("--details must be a path", "write to - and pipe that to aws s3 cp - "+k.Details)
	case k.UserPoolID != "":
		return k.target().Check()
	}
	return nil
}

func (k *checkCommand) run(ctx context.Context, c *console) error {
	options, err := k.Options(c.stdin)
	if err != nil {
		return err
	}
	shown := shownLines
	if k.All {
		shown = math.MaxInt
	}
	short := audit.Lines{Lines: []int{}}
	options.OnShort = func(line int) { short.Add(line, shown) }
	in, err := job.OpenInput(ctx, options, k.target())
	if err != nil {
		return &job.OpenError{Part: job.PartInput, Err: err}
	}
	defer in.Close()
	pool := &poolCheck{command: k, console: c}
	files := append(filesAt(k.Summary, "summary"), pool.files()...)
	if info := in.Info(); info != nil { // a pipe cannot be written over
		files = append(files, job.File{Role: "input", Path: k.Path, Info: info})
	}
	if err := job.Distinct(files...); err != nil {
		return err
	}
	summary, err := openSummary(k.Summary, c.stdout, false)
	if err != nil {
		return err
	}
	if err := pool.open(ctx); err != nil {
		return err
	}
	defer pool.close()
	if err := summary.removeEarlier(); err != nil {
		return err
	}
	stop := showReading(c, "reading the input", in.Read)
	found, rows, err := inspect(ctx, in, shown, pool)
	stop()
	if err != nil {
		return err
	}
	if err := pool.readReport(rows, shown); err != nil {
		return err
	}
	found.Duplicates, found.DuplicateLines = rows.Duplicates(shown)
	found.Input, found.MetadataColumns = k.Path, append([]string{}, in.MetadataColumns()...)
	found.setLayout(in.Layout())
	found.Short = short
	found.setRate(float64(k.Rate), pool.quota)
	found.print(ctx, c)
	if found.Pool, err = pool.compare(ctx, rows, shown); err != nil {
		return err
	}
	found.Pool.print(ctx, c)
	if err := summary.write(found); err != nil {
		return err
	}
	if found.isUnsuccessful(k.AllowFailedRows) {
		return &alreadySaid{program.Unsuccessful}
	}
	return nil
}

// inspect reads every row of the source, and keeps shown lines of each kind.
func inspect(ctx context.Context, source worker.Source, shown int, pool *poolCheck) (*inspection, *audit.Rows, error) {
	found := newInspection(shown)
	usernames := audit.NewRows(pool.isCaseInsensitive(), pool.command.Shard)
	for {
		row, err := source.Next()
		if errors.Is(err, io.EOF) {
			return found, usernames, nil
		}
		if err == nil {
			err = pool.see(row)
		}
		if err != nil {
			return nil, nil, err
		}
		found.Rows++
		usernames.Add(row)
		if row.Invalid != nil {
			found.refuse(row)
		} else {
			found.look(row)
		}
		// Not for every row: a context's error takes a lock.
		if found.Rows%1024 == 0 && ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
	}
}
