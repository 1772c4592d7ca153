package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"cognito-confirm/internal/atomicfile"
	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/store"
	"cognito-confirm/internal/userpool"
	"cognito-confirm/internal/words"
)

// listCommand writes users of the pool to a CSV that a run takes.
type listCommand struct {
	flags.Pool

	Out       string `short:"o" default:"-" placeholder:"PATH" help:"The CSV; - for standard output. Default: ${default}."`
	Overwrite bool   `help:"Replace an existing file."`

	Status        []string   `default:"UNCONFIRMED" placeholder:"STATUS" help:"Users with this status, or 'any'. May be repeated. Default: ${default}."`
	CreatedAfter  momentFlag `placeholder:"WHEN" help:"Users made after this: a date (UTC), a time in RFC 3339, or how long ago, as 30d or 12h."`
	CreatedBefore momentFlag `placeholder:"WHEN" help:"Users made before this."`
	EnabledOnly   bool       `help:"No disabled users."`
	Attributes    []string   `placeholder:"NAMES" help:"More columns, as custom:team,locale."`
	Limit         *int       `placeholder:"N" help:"At most N users. Default: all."`

	walkFlags
	Timeout      time.Duration `default:"30s" placeholder:"TIME" help:"How long one call may take. Default: ${default}."`
	StallTimeout time.Duration `default:"5m" placeholder:"TIME" help:"Stop when no call has got through for this long. Default: ${default}."`
	Quiet        bool          `help:"No progress, errors only."`

	displayFlags
}

// Run is called by kong.
func (l *listCommand) Run(ctx context.Context, c *console) error {
	l.displayFlags.set(c, l.Quiet)
	selection, err := l.selection(time.Now())
	if err != nil {
		return err
	}
	if err := l.check(); err != nil {
		return err
	}
	// It replaces nothing by itself: somebody may have worked on an earlier list.
	out := outputFile{path: l.Out, stdout: c.stdout, options: atomicfile.Options{Overwrite: l.Overwrite}, what: "list", hint: "give another -o, or --overwrite"}
	if err := out.check(); err != nil {
		return err
	}
	return &alreadySaid{c.status(l.list(ctx, c, selection, out), job.Options{Target: l.Target()})}
}

// check refuses flags that make no sense.
func (l *listCommand) check() error {
	if err := errors.Join(l.walkFlags.check(), checkLimit(l.Limit)); err != nil {
		return err
	}
	switch {
	case l.Timeout <= 0:
		return flags.Usage("--timeout must be above 0", "as 30s or 1m")
	case l.StallTimeout <= 0:
		return flags.Usage("--stall-timeout must be above 0", "as 5m or 1h")
	case l.Out == "":
		return flags.Usage("-o must be a path", "- is standard output")
	case store.IsAddress(l.Out):
		return flags.Usage("-o must be a path", "write to - and pipe that to aws s3 cp - "+l.Out)
	}
	return nil
}

func (l *listCommand) list(ctx context.Context, c *console, selection userpool.Selection, out outputFile) error {
	client, _, err := connect(ctx, l.Target())
	if err != nil {
		return err
	}
	walk := userpool.NewWalk(client, userpool.Options{
		UserPoolID: l.UserPoolID, Filter: selection.Filter(), Rate: l.ListRate, Timeout: l.Timeout, StallTimeout: l.StallTimeout,
	})
	stop := showWalk(c, "listing users", walk, 0)
	defer stop()
	written := 0
	write := func(to io.Writer) (err error) {
		written, err = userpool.Write(to, userpool.Columns(l.Attributes), walk.Users(ctx), selection, most(l.Limit))
		return err
	}
	err = out.write(write)
	stop()
	switch {
	case err != nil && l.Out == "-":
		return fmt.Errorf("%w: the list is not complete", err)
	case err != nil:
		return fmt.Errorf("%w: %s was not written", err, l.Out)
	}
	c.infof("%s", l.result(written, walk.State()))
	return nil
}

// result tells what was listed.
func (l *listCommand) result(written int, seen userpool.State) string {
	text := words.Count(written, "user") + " listed"
	if seen.Users > written {
		text += ", of " + words.Group(seen.Users) + " looked at"
	}
	if l.Out != "-" {
		text += ": " + l.Out
	}
	return text
}

// selection returns the flags as a selection.
func (l *listCommand) selection(now time.Time) (userpool.Selection, error) {
	s := userpool.Selection{
		EnabledOnly: l.EnabledOnly, CreatedAfter: l.CreatedAfter.at(now), CreatedBefore: l.CreatedBefore.at(now),
	}
	known := cognito.UserStatuses()
	for _, status := range l.Status {
		status = strings.ToUpper(strings.TrimSpace(status))
		switch {
		case status == "ANY" && len(l.Status) > 1:
			return s, flags.Usage("--status any is all of them, and stands alone", "")
		case status == "ANY":
			return s, nil
		case !slices.Contains(known, status):
			return s, flags.Usage(fmt.Sprintf("--status: %.40q is no status of a user", status), "any, or "+strings.Join(known, ", "))
		}
		s.Statuses = append(s.Statuses, status)
	}
	return s, nil
}
