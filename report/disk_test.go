package report

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"cognito-confirm/worker"
)

func diskOptions(dir string) Options {
	return Options{
		Report: filepath.Join(dir, "r.report.csv"), Failed: filepath.Join(dir, "r.failed.csv"),
		Malformed: filepath.Join(dir, "r.malformed.csv"), Header: "username\n",
	}
}

// TestPoorFileSystems: what they lack is warned of by name, and the run goes on.
func TestPoorFileSystems(t *testing.T) {
	tests := map[string]struct {
		spoil   func(*disk)
		warning string // about the report
	}{
		"no locks": {func(d *disk) { d.tryLock = func(*os.File) error { return errors.ErrUnsupported } },
			"cannot be locked where it is (unsupported operation): make sure that no other run writes to it"},
		"no modes": {func(d *disk) { d.chmod = func(*os.File, fs.FileMode) error { return fs.ErrPermission } },
			"cannot be kept to its owner (permission denied): others may be able to read the usernames in it"},
		"no sync of directories": {func(d *disk) { d.syncDirectory = func(string) error { return syscall.EINVAL } },
			"cannot be synced (invalid argument): after a power cut the file may be missing"},
		"directories that cannot be read": {func(d *disk) { d.syncDirectory = func(string) error { return fs.ErrPermission } },
			"cannot be synced (permission denied): after a power cut the file may be missing"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := diskOptions(t.TempDir())
			if err := os.WriteFile(o.Report, []byte(headerLine()+"2,alice,failed,X,,1,0,,,1,,\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			o.Resume = true
			d := newDisk()
			test.spoil(d)
			r, err := openOn(t.Context(), d, o)
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Start(); err != nil {
				t.Fatal(err)
			}
			if err := r.Record(worker.Result{Row: worker.Row{Line: 3, Raw: "bob\n"}, Status: worker.StatusFailed}); err != nil {
				t.Fatal(err)
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			isAboutReport := func(warning string) bool {
				return strings.Contains(warning, "r.report.csv") && strings.HasSuffix(warning, test.warning)
			}
			if !slices.ContainsFunc(r.Warnings(), isAboutReport) {
				t.Errorf("warnings %q, want one of the report that it %s", r.Warnings(), test.warning)
			}
			if text, err := os.ReadFile(o.Report); err != nil || strings.Count(string(text), "\n") != 3 {
				t.Errorf("the report is %q, %v", text, err)
			}
		})
	}
}

// TestFailingFileSystems are refused by name, and nothing is left behind: not
// even an empty report.
func TestFailingFileSystems(t *testing.T) {
	tests := map[string]func(*disk){
		"locks": func(d *disk) { d.tryLock = func(*os.File) error { return syscall.EIO } },
		"the second lock": func(d *disk) {
			locks := 0
			d.tryLock = func(*os.File) error {
				if locks++; locks > 1 {
					return syscall.EIO
				}
				return nil
			}
		},
		"the sync of directories": func(d *disk) { d.syncDirectory = func(string) error { return syscall.EIO } },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			d := newDisk()
			spoil(d)
			o := diskOptions(dir)
			o.Target = Target{UserPoolID: "eu-west-1_x", Endpoint: "http://host"}
			o.Failed = filepath.Join(dir, "another name")
			r, err := openOn(t.Context(), d, o)
			if err == nil {
				err = errors.Join(r.Start(), r.Close())
			}
			if !errors.Is(err, syscall.EIO) {
				t.Errorf("%v, want an input/output error", err)
			}
			if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
				t.Errorf("left behind: %v, %v", entries, err)
			}
		})
	}
}

// TestAnotherRunsLeftovers are not swept away when there are no locks to show
// that this run is dead.
func TestAnotherRunsLeftovers(t *testing.T) {
	for _, isLockless := range []bool{false, true} {
		o := diskOptions(t.TempDir())
		leftover := filepath.Join(filepath.Dir(o.Report), ".r.report.csv.4711.tmp")
		if err := os.WriteFile(leftover, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		d := newDisk()
		if isLockless {
			d.tryLock = func(*os.File) error { return errors.ErrUnsupported }
		}
		r, err := openOn(t.Context(), d, o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(leftover); err != nil {
			t.Errorf("without locks %v, before the run begins: %v", isLockless, err)
		}
		if err := errors.Join(r.Start(), r.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(leftover); errors.Is(err, fs.ErrNotExist) == isLockless {
			t.Errorf("without locks %v: %v", isLockless, err)
		}
	}
}

// TestCheckThatFails: a failing check does not mean that the file is gone.
func TestCheckThatFails(t *testing.T) {
	dir := t.TempDir()
	h, err := newDisk().hold("open", filepath.Join(dir, "file"), true)
	if err != nil {
		t.Fatal(err)
	}
	defer h.discard()
	if err := h.check(); err != nil {
		t.Fatal(err)
	}
	h.path = filepath.Join(dir, strings.Repeat("x", 10_000)) // nobody can look there
	err = h.check()
	if _, isChanged := errors.AsType[*ChangedError](err); err == nil || isChanged || !strings.HasPrefix(err.Error(), "check ") {
		t.Errorf("%v, want that the check failed", err)
	}
	h.path = filepath.Join(dir, "file")
}

// TestLockGoesToTheFileThatIsThere: a run that opens a file just before another
// one removes it gets a new one.
func TestLockGoesToTheFileThatIsThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := newDisk()
	locks := 0
	d.tryLock = func(file *os.File) error {
		if locks++; locks == 1 {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
		return tryLock(file)
	}
	h, err := d.hold("open", path, true)
	if err != nil || !h.isMade || locks != 2 {
		t.Fatalf("%+v, %v after %d locks", h, err, locks)
	}
	if err := h.check(); err != nil {
		t.Error(err)
	}
	if err := h.discard(); err != nil {
		t.Error(err)
	}
}
