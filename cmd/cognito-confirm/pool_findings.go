package main

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"cognito-confirm/internal/audit"
	"cognito-confirm/internal/words"
	"cognito-confirm/worker"
)

// poolFindings are what a check finds in the pool. Their JSON is an interface:
// fields are added, never renamed.
type poolFindings struct {
	UserPoolID string `json:"user_pool_id"`
	// SettingsRead: it is known what names find a user in the pool.
	SettingsRead bool `json:"settings_read"`
	// Quota is the calls a second that a run may make, 0 when it is not known.
	Quota float64 `json:"quota,omitempty"`
	// Report is the path of the report that was compared, "" for none, with how many
	// rows it has and calls confirmed.
	Report          string `json:"report"`
	ReportRows      int    `json:"report_rows"`
	ReportConfirmed int    `json:"report_confirmed"`
	// ReportMissing are the rows of the input that are not in the report, ReportOthers
	// those whose line in it is about another username; nil without a report.
	ReportMissing *audit.Lines `json:"report_missing,omitempty"`
	ReportOthers  *audit.Lines `json:"report_others,omitempty"`

	*audit.Result

	reported audit.Reported
	shard    worker.Shard // that the report is of
}

// settled is how old a report has to be for the pool to show all of it: a list of
// users may be some minutes old.
const settled = 10 * time.Minute

// unsuccessful counts the rows that a run would not succeed with.
func (f *poolFindings) unsuccessful() int {
	rows := f.NotFound.Rows + f.Unreachable.Rows
	for status, n := range f.Statuses {
		if status != "UNCONFIRMED" && status != "CONFIRMED" {
			rows += n
		}
	}
	return rows
}

// isProven reports that the report has every row, and that the pool agrees with it.
// Without a report there is nothing to prove.
func (f *poolFindings) isProven() bool {
	return f.Contradictions.Rows+f.reported.Missing.Rows+f.reported.Others.Rows == 0
}

// print tells what was found in the pool.
func (f *poolFindings) print(ctx context.Context, c *console) {
	if f == nil {
		return
	}
	c.infof("the pool has %s; the rows by status: %s", words.Count(f.Users, "user"), f.byStatus())
	if f.Disabled > 0 {
		c.infof("the users of %s are disabled", words.Count(f.Disabled, "row"))
	}
	printLines(ctx, c, f.NotFound, "nobody in the pool has this name")
	printLines(ctx, c, f.Unreachable, "only an attribute of a user, by which the service does not find the user (not verified, or no name to sign in with): a run would end with UserNotFound")
	for _, lines := range f.SameUserLines {
		c.listf(ctx, "lines %s name the same user under different names", joinLines(lines))
	}
	if f.SameUser > 0 {
		c.infof("%s with the user of another row under a different name", words.Count(f.SameUser, "row"))
	}
	if f.Unlisted > 0 {
		c.infof("%s of the pool %s UNCONFIRMED and in no row; %s list writes every user who is UNCONFIRMED",
			words.Count(f.Unlisted, "user"), words.Either(f.Unlisted, "is", "are"), programName)
	}
	f.printReport(ctx, c)
}

// byStatus lists the statuses, the most frequent first.
func (f *poolFindings) byStatus() string {
	names := slices.SortedFunc(maps.Keys(f.Statuses), func(a, b string) int {
		return cmp.Or(cmp.Compare(f.Statuses[b], f.Statuses[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, name := range names {
		parts = append(parts, words.Group(f.Statuses[name])+" "+name)
	}
	if f.NotFound.Rows > 0 {
		parts = append(parts, words.Group(f.NotFound.Rows)+" not found")
	}
	if f.Unreachable.Rows > 0 {
		parts = append(parts, words.Group(f.Unreachable.Rows)+" not found by this name")
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// printReport tells whether the pool agrees with the report.
func (f *poolFindings) printReport(ctx context.Context, c *console) {
	if f.Report == "" {
		return
	}
	if f.Contradictions.Rows == 0 {
		c.infof("the report calls %s of %s confirmed, and the pool calls none of them UNCONFIRMED",
			words.Group(f.ReportConfirmed), words.Count(f.ReportRows, "row"))
	}
	printLines(ctx, c, f.Contradictions, "confirmed in the report, and UNCONFIRMED in the pool")
	f.printIncomplete(ctx, c)
	ago := time.Since(f.reported.Last)
	if f.reported.Last.IsZero() || ago >= settled {
		return
	}
	say := c.infof
	if f.Contradictions.Rows > 0 {
		say = c.warnf
	}
	say("the report's last row is %s old, and a list of users may be some minutes behind: check again later", words.Duration(ago))
}

// printIncomplete tells which rows of the input the report does not have.
func (f *poolFindings) printIncomplete(ctx context.Context, c *console) {
	missing, others, whole := f.reported.Missing, f.reported.Others, "the input"
	if !f.shard.IsWhole() {
		whole = "shard " + f.shard.String()
	}
	if others.Rows > 0 {
		c.listf(ctx, "%s of the report %s another username than the input: %s", words.Count(others.Rows, "row"), words.Either(others.Rows, "has", "have"), where(others))
	}
	if missing.Rows > 0 {
		c.listf(ctx, "%s of %s of %s %s not in the report: %s",
			words.Group(missing.Rows), words.Count(f.reported.Due, "row"), whole, words.Either(missing.Rows, "is", "are"), where(missing))
	}
	switch {
	case others.Rows > 0:
		c.infof("hint: if these rows were corrected, %s run with this report and --retry-failed does them; else give the report of a run with this input", programName)
	case missing.Rows > 0:
		c.infof("hint: %s run with this report and --resume does them", programName)
	}
}

// printLines tells which rows are of one kind.
func printLines(ctx context.Context, c *console, found audit.Lines, what string) {
	if found.Rows > 0 {
		c.listf(ctx, "%s: %s", where(found), what)
	}
}
