package program

import (
	"runtime/debug"
	"testing"
)

// TestCommit: what the toolchain finds in a repository. TestRelease looks at a
// program that it has built there.
func TestCommit(t *testing.T) {
	t.Parallel()
	got := vcs([]debug.BuildSetting{
		{Key: "vcs", Value: "git"},
		{Key: "vcs.revision", Value: "0123abc"},
		{Key: "vcs.time", Value: "2026-11-26T12:00:00Z"},
		{Key: "vcs.modified", Value: "false"},
	})
	if got != ", commit 0123abc of 2026-11-26T12:00:00Z" || vcs(nil) != "" {
		t.Errorf("%q", got)
	}
}
