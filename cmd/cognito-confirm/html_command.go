package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"cognito-confirm/internal/events"
	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/page"
	"cognito-confirm/internal/program"
	"cognito-confirm/internal/store"
	"cognito-confirm/internal/words"
	"cognito-confirm/report"
)

// htmlCommand draws a report as a page.
type htmlCommand struct {
	Report    string `arg:"" help:"The report, a path or s3://bucket/key."`
	Out       string `placeholder:"PATH" help:"The page, a path or s3://bucket/key; - for standard output. Default: the report's name with .html."`
	Events    string `placeholder:"PATH" help:"What the report cannot tell; 'none' for a page without it. Default: the report's name with .events.jsonl, where there is such a file."`
	Usernames bool   `help:"Show the usernames of rows that did not succeed, and messages as they came. Without it nobody's name is on the page."`
	Overwrite bool   `help:"Replace an existing file even if it is no page of this program."`
}

// Run is called by kong.
func (h *htmlCommand) Run(ctx context.Context, c *console) error {
	staging := job.NewStaging(job.Options{})
	defer staging.Close()
	near := neighbours{ctx, staging}
	path, err := staging.Report(ctx, h.Report)
	if err != nil {
		return notFetched(err)
	}
	source, err := openSource("report", path)
	if err != nil {
		return err
	}
	defer source.Close()
	options := page.Options{
		Report: source, ReportName: h.Report, Usernames: h.Usernames, Input: near.inputOf(h.Report),
		Failed: near.ifThere(report.DefaultFailed(h.Report)), Malformed: near.ifThere(report.DefaultMalformed(h.Report)),
	}
	files := []job.File{{Role: "report", Path: h.Report}}
	eventsPath := h.eventsPath(near)
	if eventsPath != "" {
		path, err := staging.File(ctx, eventsPath)
		if err != nil {
			return notFetched(err)
		}
		source, err := openSource("events", path)
		if err != nil {
			return err
		}
		defer source.Close()
		options.Events = source
		files = append(files, job.File{Role: "events file", Path: eventsPath})
	}
	out := newPageFile(h.out(), staging, c.stdout, h.Overwrite)
	if err := job.Distinct(append(files, filesAt(out.path, "page")...)...); err != nil {
		return err
	}
	if err := out.check(ctx); err != nil {
		return err
	}
	if err := out.write(ctx, options); err != nil {
		return h.named(err, eventsPath)
	}
	if out.unreadable > 0 {
		c.warnf("%s of the report cannot be read and %s not on the page", words.Count(out.unreadable, "line"), words.Either(out.unreadable, "is", "are"))
	}
	if out.isFile() {
		c.infof("page: %s", out.path)
	}
	return nil
}

// named names the file that is not a report, or not its events.
func (h *htmlCommand) named(err error, eventsPath string) error {
	switch {
	case errors.Is(err, report.ErrNotReport):
		return flags.Usage(h.Report+" is "+report.ErrNotReport.Error(), "give the report of a run, not its input")
	case errors.Is(err, events.ErrNotEvents), errors.Is(err, page.ErrOtherPool):
		return flags.Usage(fmt.Sprintf("%s: %v", eventsPath, err), "give the report's own --events, or none")
	case is[*program.Interruption](err):
		return err
	}
	// Only the text: the hint for an error of this kind, --resume, is about runs.
	return errors.New(err.Error())
}

// notFetched is an error about a file in a bucket that is to be read.
func notFetched(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return flags.Usage(err.Error(), "")
	case is[*store.UnreachableError](err):
		return errors.New(err.Error()) // there is no run to be resumed
	}
	return err
}

// out returns where the page goes.
func (h *htmlCommand) out() string {
	if h.Out != "" {
		return h.Out
	}
	return strings.TrimSuffix(h.Report, ".csv") + ".html"
}

// eventsPath returns the path of the events file, "" when there is to be none.
func (h *htmlCommand) eventsPath(near neighbours) string {
	switch h.Events {
	case "":
		return near.ifThere(report.DefaultEvents(h.Report))
	case job.NoEvents:
		return ""
	}
	return h.Events
}

// openSource opens a file to be read from its start to its end. What could keep
// the opening waiting is refused.
func openSource(role, path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	var file *os.File
	if err == nil {
		file, err = os.Open(path)
	}
	if err != nil {
		return nil, flags.Usage(textOf(fmt.Errorf("open %s: %w", role, err)), "")
	}
	return file, nil
}

// neighbours finds out which files there are beside a report, on the disk or in a bucket.
type neighbours struct {
	ctx     context.Context
	staging *job.Staging
}

// ifThere returns a path, or "" when nothing is there.
func (n neighbours) ifThere(path string) string {
	if exists, err := n.staging.Exists(n.ctx, path); err != nil || !exists {
		return "" // the page does without it
	}
	return path
}

// inputOf returns the input of a report by its name, "" when it is not there.
func (n neighbours) inputOf(report string) string {
	name, isDefault := strings.CutSuffix(report, ".report.csv")
	if !isDefault || filepath.Base(report) == ".report.csv" {
		return ""
	}
	for _, suffix := range [...]string{".csv", ".csv.gz"} {
		if path := n.ifThere(name + suffix); path != "" {
			return path
		}
	}
	return ""
}
