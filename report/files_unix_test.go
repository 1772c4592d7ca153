//go:build unix

package report_test

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

func TestFilesAreTheirOwners(t *testing.T) {
	// The umask is the whole process's: no test of this package is parallel.
	for _, umask := range []int{0o000, 0o022, 0o077} {
		before := syscall.Umask(umask)
		o := optionsIn(t.TempDir())
		write(t, o, result(2, "alice", worker.StatusFailed))
		syscall.Umask(before)
		for _, path := range []string{o.Report, o.Failed} {
			if got := mode(t, path); got != 0o600 {
				t.Errorf("umask %03o: %s has mode %v", umask, filepath.Base(path), got)
			}
		}
	}
}

// TestOverwriteSparesWhatIsNoFile: --failed /dev/null --overwrite as root must
// not remove the device.
func TestOverwriteSparesWhatIsNoFile(t *testing.T) {
	kinds := map[string]func(path string) error{
		"directory": func(path string) error { return os.Mkdir(path, 0o755) },
		"pipe":      func(path string) error { return syscall.Mkfifo(path, 0o600) },
	}
	for kind, make := range kinds {
		o := optionsIn(t.TempDir())
		o.Overwrite = true
		put(t, o.Report, "precious\n")
		if err := make(o.Failed); err != nil {
			t.Fatal(err)
		}
		before := mode(t, o.Failed)
		if _, err := report.Open(context.Background(), o); err == nil {
			t.Fatalf("%s: a recorder over it", kind)
		}
		if after := mode(t, o.Failed); after != before {
			t.Errorf("%s: mode is now %v, was %v", kind, after, before)
		}
		if got := read(t, o.Report); got != "precious\n" {
			t.Errorf("%s: the report is now %q", kind, got)
		}
	}
}
