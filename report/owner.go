package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The ends of the names that belong together.
const (
	reportSuffix    = ".report.csv"
	failedSuffix    = ".failed.csv"
	malformedSuffix = ".malformed.csv"
	eventsSuffix    = ".events.jsonl"
)

// DefaultFailed returns the path of the failed-rows file of a report that is
// given none: that of the report, which ends in .failed.csv instead of
// .report.csv or .csv.
func DefaultFailed(report string) string { return stem(report) + failedSuffix }

// DefaultMalformed is the same for the malformed records, in .malformed.csv.
func DefaultMalformed(report string) string { return stem(report) + malformedSuffix }

// DefaultEvents is the same for the events, in .events.jsonl.
func DefaultEvents(report string) string { return stem(report) + eventsSuffix }

func stem(report string) string {
	for _, suffix := range [...]string{reportSuffix, ".csv"} {
		if start := len(report) - len(suffix); start > 0 && strings.EqualFold(report[start:], suffix) {
			return report[:start]
		}
	}
	return report
}

// ForeignError means that a file has the rows of another report in it. They
// would be lost if this run went on with the file.
type ForeignError struct {
	Path string
	// Report is the report that they are of, as far as that is known.
	Report string

	isReportThere bool
	// isReport: the file is one itself.
	isReport bool
}

func (e *ForeignError) Error() string {
	if e.isReport {
		return e.Path + " is a report, not a file of rows"
	}
	if e.Report == "" {
		return e.Path + " is not known to have the rows of this report"
	}
	return fmt.Sprintf("%s has the rows of another report, %s", e.Path, e.Report)
}

// ownerNote is the note that tells which report a file of rows is
// of. The file is an input like any other, so nothing in it can tell. X.failed.csv
// is of X.report.csv beside it. A file of any other name has a note beside it,
// FILE.owner, with the path of its report as seen from there, so that they can be
// moved together.
func ownerNote(path string) note {
	return note{
		path: path + ".owner", prefix: "report: ",
		isSound: func(owner string) bool { return owner != "" && !strings.Contains(owner, "\n") },
		unsound: "does not tell whose the rows are",
	}
}

// writeOwner notes whose the file is, where its name does not tell.
func writeOwner(path, report, suffix string) error {
	if isNamedAfter(path, report, suffix) {
		return ownerNote(path).remove()
	}
	return ownerNote(path).write(seenFrom(path, report))
}

// seenFrom returns the path of the report from where the file is.
func seenFrom(path, report string) string {
	directory, err := realDirectory(path)
	reports, reportErr := realDirectory(report)
	if err != nil || reportErr != nil {
		return report
	}
	report = filepath.Join(reports, filepath.Base(report))
	if relative, err := filepath.Rel(directory, report); err == nil {
		return filepath.ToSlash(relative)
	}
	return report // on another drive
}

// realDirectory returns the directory that a file is in, links followed: by .. a
// link leads elsewhere than its name.
func realDirectory(path string) (string, error) {
	directory, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(directory)
}

// isNamedAfter reports whether the file is the report's by its name.
func isNamedAfter(path, report, suffix string) bool {
	name, isDefault := strings.CutSuffix(filepath.Base(report), reportSuffix)
	if !isDefault || filepath.Base(path) != name+suffix {
		return false
	}
	its, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return false
	}
	reports, err := os.Stat(filepath.Dir(report))
	return err == nil && os.SameFile(its, reports)
}

// reportBeside returns the name of the report that a file is of by its own name, "" when
// there is none beside it.
func reportBeside(path string) string {
	for _, suffix := range [...]string{failedSuffix, malformedSuffix} {
		if name, isDefault := strings.CutSuffix(path, suffix); isDefault {
			if info, err := os.Stat(name + reportSuffix); err == nil && info.Mode().IsRegular() {
				return filepath.Base(name + reportSuffix)
			}
		}
	}
	return ""
}

// checkOwner returns a [*ForeignError] when the file is not that of the report.
func checkOwner(path, report, suffix string) error {
	owner, err := ownerNote(path).read()
	if err != nil {
		return err
	}
	if owner == "" {
		if isNamedAfter(path, report, suffix) {
			return nil
		}
		if owner = reportBeside(path); owner == "" {
			return &ForeignError{Path: path}
		}
	}
	named := filepath.FromSlash(owner)
	if !filepath.IsAbs(named) {
		directory, err := realDirectory(path)
		if err != nil {
			return err
		}
		named = filepath.Join(directory, named)
	}
	theirs, err := os.Stat(named)
	if err == nil {
		ours, err := os.Stat(report)
		if err == nil && os.SameFile(ours, theirs) {
			return nil
		}
	}
	return &ForeignError{Path: path, Report: owner, isReportThere: err == nil}
}
