package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/program"
	"cognito-confirm/internal/rows"
	"cognito-confirm/internal/store"
	"cognito-confirm/internal/words"
	"cognito-confirm/report"
)

// mergeCommand puts the reports of shards together. It calls nobody.
type mergeCommand struct {
	flags.Input
	Reports []string `arg:"" help:"The reports of all shards, paths or s3://bucket/key."`

	Report    string `required:"" placeholder:"PATH" help:"The report of the whole input, a path or s3://bucket/key."`
	Failed    string `placeholder:"PATH" help:"The rows that did not succeed, an input like any other. Default: the report's name with .failed.csv."`
	Overwrite bool   `help:"Replace an existing report and failed-rows file."`

	Summary string `placeholder:"PATH" help:"Write a summary in JSON; - for standard output."`
	Quiet   bool   `help:"No summary text, errors only."`
}

// mergeGCPercent: the index of ten million rows is alive until the end, and as
// much again in garbage is more than the rows are worth.
const mergeGCPercent = 40

// Run is called by kong.
func (m *mergeCommand) Run(ctx context.Context, c *console) error {
	c.quiet.Store(m.Quiet)
	defer debug.SetGCPercent(debug.SetGCPercent(mergeGCPercent))
	staging := job.NewStaging(job.Options{})
	defer staging.Close()
	if err := m.run(ctx, c, staging); err != nil {
		return &mergeError{staging.Named(err)}
	}
	return nil
}

func (m *mergeCommand) run(ctx context.Context, c *console, staging *job.Staging) error {
	if m.Report == "-" || m.Failed == "-" {
		return flags.Usage("the report and the failed-rows file cannot be standard output", "a later run reads them; name a path")
	}
	options, err := m.Options(c.stdin)
	if err != nil {
		return err
	}
	input, err := job.OpenInput(ctx, options, cognito.Target{})
	if err != nil {
		return &job.OpenError{Part: job.PartInput, Err: err}
	}
	defer input.Close()
	outputs := report.Options{
		Report: m.Report, Failed: cmp.Or(m.Failed, report.DefaultFailed(m.Report)), Malformed: report.DefaultMalformed(m.Report),
		Overwrite: m.Overwrite, Header: input.Header(), Columns: input.Columns(), Delimiter: input.Delimiter(),
	}
	if err := m.checkFiles(c, input, outputs); err != nil {
		return err
	}
	summary, err := openSummary(m.Summary, c.stdout, m.Overwrite)
	if err != nil {
		return err
	}
	uploads, err := m.stageOutputs(ctx, staging, &outputs)
	if err != nil {
		return &job.OpenError{Part: job.PartOutputs, Err: err}
	}
	reports, err := m.fetch(ctx, staging)
	if err != nil {
		return err
	}
	recorder, err := report.Open(ctx, outputs)
	if err != nil {
		return &job.OpenError{Part: job.PartOutputs, Err: err}
	}
	defer recorder.Close()
	if err := summary.removeEarlier(); err != nil {
		return err
	}
	s, err := m.merge(ctx, c, input, recorder, reports)
	if err != nil {
		return err
	}
	for _, upload := range uploads {
		if err := upload.Put(ctx); err != nil {
			return err
		}
	}
	s.Failed, s.Malformed = staging.Address(s.Failed), staging.Address(s.Malformed)
	m.print(c, s)
	if err := summary.write(s); err != nil {
		return err
	}
	if s.ExitStatus != program.Done {
		return &alreadySaid{s.ExitStatus}
	}
	return nil
}

// checkFiles refuses reports that are not there, and files of which writing one
// would destroy another.
func (m *mergeCommand) checkFiles(c *console, input *rows.Input, outputs report.Options) error {
	var files []job.File
	if info := input.Info(); info != nil || store.IsAddress(m.Path) { // a pipe cannot be written over
		files = append(files, job.File{Role: "input", Path: m.Path, Info: info})
	}
	for _, path := range m.Reports {
		file := job.File{Role: "report " + path, Path: path}
		if !store.IsAddress(path) {
			var err error
			if file.Info, err = os.Stat(path); err != nil {
				return flags.Usage(textOf(fmt.Errorf("open report: %w", err)), aboutNoReport)
			}
		}
		files = append(files, file)
	}
	files = append(files,
		job.File{Role: "merged report", Path: outputs.Report},
		job.File{Role: "failed-rows file", Path: outputs.Failed},
		job.File{Role: "file of malformed records", Path: outputs.Malformed})
	if err := job.Distinct(append(files, filesAt(m.Summary, "summary")...)...); err != nil {
		return err
	}
	for _, stream := range c.streams() {
		if err := job.Distinct(append(files, stream)...); err != nil {
			return err
		}
	}
	return nil
}

// aboutNoReport is what to do about the report of a shard that is not there.
const aboutNoReport = "give the reports of all shards, and run those that have none yet"

// merge writes the report, if the reports of the shards are complete.
func (m *mergeCommand) merge(ctx context.Context, c *console, input *rows.Input, recorder *report.Recorder, reports []string) (*report.Summary, error) {
	started := time.Now()
	for _, assumption := range input.Layout().Assumptions() {
		c.infof("%s", assumption)
	}
	err := recorder.Merge(ctx, input, reports...)
	warned := warn(c, recorder.Warnings(), 0)
	printLayout(c, input.Layout())
	if err == nil && input.Changed() {
		err = job.ErrInputChanged
	}
	if err == nil {
		err = recorder.Start()
	}
	if err != nil {
		return nil, err
	}
	err = recorder.Close()
	warn(c, recorder.Warnings(), warned)
	if err != nil {
		return nil, err
	}
	s := m.summary(recorder)
	s.Time(started, time.Since(started))
	return s, nil
}

func (m *mergeCommand) summary(recorder *report.Recorder) *report.Summary {
	target := recorder.Target()
	s := &report.Summary{
		Outcome: report.Finished,
		Input:   m.Path, Report: m.Report, Failed: recorder.FailedPath(), Malformed: recorder.MalformedPath(),
		Version: program.Version(), UserPoolID: target.UserPoolID, Endpoint: target.Endpoint,
	}
	s.Count(recorder.State())
	if s.Unsuccessful() > 0 {
		s.ExitStatus = program.Unsuccessful
	}
	return s
}

func (m *mergeCommand) print(c *console, s *report.Summary) {
	c.infof("merged %s, which have every row of the input once", words.Count(len(m.Reports), "report"))
	c.infof("%s: %s", words.Count(s.Rows, "row"), statuses(s.Counts))
	printUnsuccessful(c, s)
	printFiles(c, s)
}

// mergeError is an error of merge. What to do about it is something else than
// after the same error of a run.
type mergeError struct{ error }

func (e *mergeError) Unwrap() error { return e.error }

// mergeExits is the part of the table of exits that is about merge. Its rows
// come before those of any command.
func mergeExits() []exit {
	return []exit{
		{is[*report.MissingError], program.Stopped, say("finish those shards, each with run --shard I/N --resume, and merge again")},
		{is[*report.RunningError], program.Locked, say("wait for it to end, and merge again")},
		{isShardLocked, program.Locked, say("wait for it to end, or finish it with --resume if it was killed, and merge again")},
		{is[*report.TwiceError], program.Usage, say("give the reports of one run, each of them once")},
		{is[*report.MixedShardsError], program.Usage, say("give the reports of one run")},
		{is[*report.OtherTargetError], program.Usage, say("give the reports of one user pool")},
		{is[*report.EditedError], program.Usage, say("merge with the input as it was when the shards were run, and with the same flags about it")},
		{is[*report.ExistsError], program.Usage, say("--overwrite replaces it; or give another --report")},
		{wraps(job.ErrInputChanged), program.Stopped, say("merge again when nobody writes to the input")},
		{has(func(e *report.UnusableError) bool { return len(e.Damaged) == 0 }), program.Usage, say("give the reports of the shards, and nothing else, after the input")},
	}
}

// isShardLocked matches a report in S3, where the lock of a run outlives it.
func isShardLocked(err error) bool {
	return errors.Is(err, report.ErrLocked) && !is[*job.OpenError](err)
}
