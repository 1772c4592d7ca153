// Package page draws a report as one HTML file that a person can look at: what
// did not succeed and what to do about it, how fast the run was and why, how
// long calls took.
//
// The one idea in it: the report is read once, and what is kept of it does not
// grow with it. The page is drawn here, as SVG, so that it makes no request and
// can be read without a script, printed, and sent to somebody. Usernames are not
// in it unless they are asked for; the lines lead back to the input.
package page

import (
	"context"
	"io"
)

// Options set what a page is about.
type Options struct {
	// Report is a report, as a run writes it. Required.
	Report io.Reader
	// Events is the events file of that report. Nil: there is none, and the
	// page leaves out what only that can tell.
	Events io.Reader
	// ReportName, Input, Failed and Malformed are the names of the report, of its
	// input, of the failed-rows file and of that of malformed records, to be
	// shown. Empty: the name is not known, or there is no such file.
	ReportName, Input, Failed, Malformed string
	// Usernames shows the usernames of rows that did not succeed, and messages
	// as they came.
	Usernames bool
}

// Write writes the page, and returns how many lines of the report cannot be read:
// they are passed over. The error is that of a reader or of the writer, it tells that
// a file is not what it is taken for, or it is the cause of ctx.
func Write(ctx context.Context, w io.Writer, o Options) (unreadable int, err error) {
	f := newFindings(o.Usernames)
	if err := f.read(ctx, o.Report); err != nil {
		return 0, err
	}
	var h history
	if o.Events != nil {
		if err := h.read(ctx, o.Events, f.pools); err != nil {
			return 0, err
		}
	}
	return f.damaged, render(w, newView(o, f, &h))
}
