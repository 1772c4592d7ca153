package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"cognito-confirm/internal/atomicfile"
	"cognito-confirm/internal/audit"
	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/userpool"
	"cognito-confirm/internal/words"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// poolCheck is the part of a check that asks the pool. Without a pool it does
// nothing.
type poolCheck struct {
	command *checkCommand
	console *console

	client   cognito.Client
	settings *cognito.PoolSettings // nil when they are not known
	quota    float64               // calls a second of a run, 0 when it is not known
	details  *audit.Details        // nil when nobody wants them
	staging  *job.Staging          // of a report in a bucket, nil without a report
	report   string                // where the report to compare with is on the disk, "" for none
	reported audit.Reported
}

func (p *poolCheck) isWanted() bool { return p.command.UserPoolID != "" }

// isCaseInsensitive is also true for a pool that may not be described: with a wrong
// match a row is tried in vain, while with a match that is missed it may get lost.
func (p *poolCheck) isCaseInsensitive() bool {
	return p.isWanted() && (p.settings == nil || p.settings.CaseInsensitive)
}

// files names the files among those that must not be one.
func (p *poolCheck) files() []job.File {
	files := filesAt(p.command.Details, "details")
	if p.isWanted() {
		files = append(files, filesAt(p.command.Report, "report")...)
	}
	return files
}

// detailsFile replaces details of an earlier check.
func (p *poolCheck) detailsFile() outputFile {
	isOurs := func(start []byte) bool { return strings.HasPrefix(string(start), audit.DetailsHeader) }
	return outputFile{
		path: p.command.Details, stdout: p.console.stdout, options: atomicfile.Options{Ours: isOurs},
		what: "details", foreign: " and has no details of an earlier check", hint: "give another --details",
	}
}

// open gets what it takes to ask the pool, and asks what it was made with.
func (p *poolCheck) open(ctx context.Context) error {
	if !p.isWanted() {
		if p.command.Report != "" {
			p.console.infof("the report is not compared: that needs --user-pool-id")
		}
		return nil
	}
	if err := p.openDetails(); err != nil {
		return err
	}
	if err := p.openReport(ctx); err != nil {
		return err
	}
	client, region, err := connect(ctx, p.command.target())
	if err != nil {
		return err
	}
	p.client = client
	settings, err := cognito.DescribePool(ctx, client, p.command.UserPoolID)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		p.console.infof("the pool's settings were not read: %s; going on by what the users tell", err)
	} else {
		p.settings = &settings
	}
	p.quota, err = cognito.Quota(ctx, client)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		p.console.infof("the quota was not read: %s; going on without it", err)
	} else {
		p.console.infof("quota of %s in %s: %s a second", cognito.QuotaName, region, words.Count(int64(p.quota), "call"))
	}
	return nil
}

func (p *poolCheck) openDetails() (err error) {
	if p.command.Details == "" {
		return nil
	}
	if err := p.detailsFile().check(); err != nil {
		return err
	}
	p.details, err = audit.NewDetails(p.command.Scratch)
	return err
}

// openReport finds the report to compare with. Before the first run there is none.
func (p *poolCheck) openReport(ctx context.Context) error {
	path := p.command.Report
	if path == "" {
		return nil
	}
	p.staging = job.NewStaging(job.Options{Target: p.command.target(), Scratch: p.command.Scratch})
	local, err := p.staging.Report(ctx, path)
	if err == nil {
		_, err = os.Stat(local)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.console.infof("there is no report yet: %s", path)
	case err != nil:
		return notFetched(err)
	default:
		p.report = local
	}
	return nil
}

func (p *poolCheck) close() {
	if p.details != nil {
		p.details.Close()
	}
	if p.staging != nil {
		p.staging.Close()
	}
}

// see takes in a row of the input.
func (p *poolCheck) see(row worker.Row) error {
	if p.details == nil {
		return nil
	}
	return p.details.Row(row.Username, row.Line, row.Invalid == nil)
}

// readReport takes in what the report has about the rows.
func (p *poolCheck) readReport(rows *audit.Rows, shown int) error {
	if p.report == "" {
		return nil
	}
	source, err := openSource("report", p.report)
	if err != nil {
		return err
	}
	defer source.Close()
	p.reported, err = rows.Report(report.Scan(source), p.command.UserPoolID, shown)
	damaged, isDamaged := errors.AsType[*report.DamagedError](err)
	switch {
	case err == nil:
		return nil
	case isDamaged:
		return &report.UnusableError{Path: p.command.Report, Reason: "is " + damaged.Error(), Damaged: []int{damaged.Line}}
	case errors.Is(err, report.ErrNotReport), errors.Is(err, audit.ErrOtherPool), is[*audit.OtherInputError](err):
		return flags.Usage(fmt.Sprintf("%s: %v", p.command.Report, err), "give the report of a run with this input and this pool")
	}
	return fmt.Errorf("read report: %w", err)
}

// compare asks for all users of the pool. It returns nil without a pool.
func (p *poolCheck) compare(ctx context.Context, rows *audit.Rows, shown int) (*poolFindings, error) {
	if !p.isWanted() {
		return nil, nil
	}
	k := p.command
	walk := userpool.NewWalk(p.client, userpool.Options{UserPoolID: k.UserPoolID, Rate: k.ListRate, Timeout: k.Timeout, StallTimeout: k.StallTimeout})
	p.console.infof("%s", p.outlook())
	total := 0
	if p.settings != nil {
		total = p.settings.Users
	}
	stop := showWalk(p.console, "asking for the users", walk, total)
	result, err := audit.Compare(rows, walk.Users(ctx), audit.Options{Settings: p.settings, Shown: shown, Details: p.details})
	stop()
	if err != nil {
		return nil, err
	}
	if err := p.writeDetails(ctx, rows); err != nil {
		return nil, err
	}
	found := &poolFindings{UserPoolID: k.UserPoolID, SettingsRead: p.settings != nil, Quota: p.quota, Result: result}
	if p.report != "" {
		found.Report, found.ReportRows, found.ReportConfirmed = k.Report, p.reported.Rows, p.reported.Confirmed
		found.ReportMissing, found.ReportOthers = &p.reported.Missing, &p.reported.Others
		found.reported, found.shard = p.reported, k.Shard
	}
	return found, nil
}

// outlook tells how many users there are, and how long it takes to ask for them.
func (p *poolCheck) outlook() string {
	const many = 1_000_000
	users, ifSo := many, " if they are a million"
	text := "asking for the users of the pool"
	if p.settings != nil && p.settings.Users > 0 {
		users, ifSo = p.settings.Users, ""
		text += ", about " + words.Group(users)
	}
	pages := (users + cognito.PageSize - 1) / cognito.PageSize
	if took := time.Duration(float64(pages) / p.command.ListRate * float64(time.Second)); took >= time.Second {
		rate := p.command.ListRate
		text += fmt.Sprintf("; this takes at least %s at %g %s a second%s", words.Duration(took), rate, words.Either(rate, "page", "pages"), ifSo)
	}
	return text
}

func (p *poolCheck) writeDetails(ctx context.Context, rows *audit.Rows) error {
	err := p.detailsFile().write(func(to io.Writer) error { return p.details.Write(ctx, to, rows) })
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("write details: %w", err)
	}
	return err
}
