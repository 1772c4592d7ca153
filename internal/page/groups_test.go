package page

import (
	"fmt"
	"testing"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// TestGroupsBeyondTheList: kinds that come after the rows that are listed are
// explained too, and codes that may not be shown are one kind.
func TestGroupsBeyondTheList(t *testing.T) {
	f := newFindings(false)
	fail := func(code string) { f.add(&report.Line{Line: 2, Status: worker.StatusFailed, Code: code}) }
	for range maxRows {
		fail("UserNotFoundException")
	}
	fail("SlowDown")
	for i := range 3 {
		fail(fmt.Sprintf("Code%03d", i))
	}
	late := f.groups[report.Kind{Status: worker.StatusFailed, Code: "SlowDown"}]
	if late == nil || late.rows != 1 || late.Code != "SlowDown" || late.Meaning == "" || len(f.rowsShown) != maxRows {
		t.Errorf("the first kind after the list is %+v, of %d rows listed", late, len(f.rowsShown))
	}
	other := f.groups[report.Kind{Status: worker.StatusFailed, Code: "unknown_code"}]
	if other == nil || other.rows != 3 || other.Code != "unknown_code" || len(f.groups) != 3 {
		t.Errorf("the others are %+v, of %d kinds", other, len(f.groups))
	}
}
