package main

import (
	"context"
	"io"
	"runtime/debug"
	"strings"

	"cognito-confirm/internal/atomicfile"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/page"
	"cognito-confirm/internal/store"
	"cognito-confirm/report"
)

// pageFile is where a page goes, which may be an address too.
type pageFile struct {
	outputFile
	staging *job.Staging
	output  *job.Output // for an address, once it is checked
	// unreadable counts the lines of the report that are not on the page, once it is written.
	unreadable int
}

func newPageFile(path string, staging *job.Staging, stdout io.Writer, overwrite bool) *pageFile {
	isPage := func(start []byte) bool { return strings.HasPrefix(string(start), page.Mark) }
	return &pageFile{staging: staging, outputFile: outputFile{
		path: path, stdout: stdout, options: atomicfile.Options{Overwrite: overwrite, Ours: isPage},
		what: "page", foreign: " and is no page of this program", hint: "give another name, or --overwrite",
	}}
}

// drawRun writes the page of a run, whatever ended it.
func (f *pageFile) drawRun(ctx context.Context, c *console, j *job.Job, s *report.Summary, eventsPath string) error {
	if f.path == "" {
		return nil
	}
	source, err := openSource("report", j.OnDisk(s.Report))
	if err != nil {
		return err
	}
	defer source.Close()
	options := page.Options{Report: source, ReportName: s.Report, Failed: s.Failed, Malformed: s.Malformed}
	if s.Input != "-" { // standard input has no name
		options.Input = s.Input
	}
	if eventsPath == "" {
		eventsPath = report.DefaultEvents(s.Report)
	}
	if path := (neighbours{ctx, f.staging}).ifThere(j.OnDisk(eventsPath)); path != "" && eventsPath != job.NoEvents {
		source, err := openSource("events", path)
		if err != nil {
			return err
		}
		defer source.Close()
		options.Events = source
	}
	// The page is drawn after a signal too.
	if err := f.write(context.WithoutCancel(ctx), options); err != nil {
		return err
	}
	if f.isFile() {
		c.infof("page: %s", f.path)
	}
	return nil
}

// check finds out whether the page can be written.
func (f *pageFile) check(ctx context.Context) (err error) {
	if !store.IsAddress(f.path) {
		return f.outputFile.check()
	}
	f.output, err = f.staging.Output(ctx, f.path, job.OutputOptions{
		Name: "page.html", Overwrite: f.options.Overwrite, Ours: f.options.Ours, ContentType: "text/html; charset=utf-8",
	})
	if is[*report.ExistsError](err) {
		return f.refused(err)
	}
	return err
}

// pageGCPercent: what is known of a report takes up to 15 MiB, and ten million
// rows leave more than a gigabyte of garbage. With 100, the whole is 40 MiB.
const pageGCPercent = 100

// write writes the page.
func (f *pageFile) write(ctx context.Context, o page.Options) error {
	if before := debug.SetGCPercent(pageGCPercent); before < pageGCPercent {
		debug.SetGCPercent(before) // GOGC asks for less garbage
	} else {
		defer debug.SetGCPercent(before)
	}
	to := f.outputFile
	if f.output != nil {
		to.path = f.output.Path
	}
	err := to.write(func(w io.Writer) (err error) {
		f.unreadable, err = page.Write(ctx, w, o)
		return err
	})
	if err == nil && f.output != nil {
		err = f.output.Put(ctx)
	}
	return err
}
