//go:build faults && linux && amd64

package faults

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// brokenCall is a system call on one of the files that fails.
type brokenCall struct {
	name  string
	calls []uint64
	file  string
	errno syscall.Errno
	// keep is how much of the write goes through before the rest of it fails.
	keep uint64
}

// TestFaultsBrokenFiles lets the n-th write or sync of a file fail, and all after
// it. The run must report the error and send no more calls.
func TestFaultsBrokenFiles(t *testing.T) {
	t.Parallel()
	needTracing(t)
	write, sync := []uint64{syscall.SYS_WRITE}, []uint64{syscall.SYS_FSYNC}
	calls := []int{1, 2, 3, 5, 8, 13, 21}
	if testing.Short() {
		calls = []int{1, 2, 7}
	}
	var cases []faultCase
	for _, b := range []brokenCall{
		{"write", write, "users.report.csv", syscall.ENOSPC, 0},
		{"write", write, "users.report.csv", syscall.EIO, 0},
		{"rest of a short write", write, "users.report.csv", syscall.ENOSPC, 50},
		{"write", write, "users.failed.csv", syscall.ENOSPC, 0},
		{"write", write, "users.failed.csv", syscall.EDQUOT, 0},
		{"rest of a short write", write, "users.failed.csv", syscall.ENOSPC, 10},
		{"fsync", sync, "users.report.csv", syscall.EIO, 0},
		{"fsync", sync, "users.report.csv", syscall.ENOSPC, 0},
		{"fsync", sync, "users.failed.csv", syscall.EIO, 0},
	} {
		for _, nth := range calls {
			name := fmt.Sprintf("%s %d of %s: %v", b.name, nth, b.file, b.errno)
			cases = append(cases, faultCase{name: name, rows: 500, play: func(s *scenario) error {
				return s.breakCall(b, nth)
			}}, faultCase{name: name + ", resumed", rows: 500, play: func(s *scenario) error {
				if _, err := s.killAt(killedInTheMiddle(), 200); err != nil {
					return err
				}
				return s.breakCall(b, nth, "--resume")
			}})
		}
	}
	playAll(t, 6, cases)
}

// breakCall runs the program with a call that fails and checks how it ends.
func (s *scenario) breakCall(b brokenCall, nth int, flags ...string) error {
	const rate = 100
	what := strike{calls: b.calls, file: b.file, nth: nth, onward: true, errno: b.errno, keep: b.keep}
	before := s.log.Len()
	status, seen, struck, err := s.under(what, rate, flags...)
	if err != nil {
		return err
	}
	if seen < nth {
		return nil // it ended before that call
	}
	s.died(rate)
	return s.stoppedFor(status, s.log.String()[before:], struck, b.errno.Error())
}

// TestFaultsVanishedFiles removes files during a run, or moves the report away
// and puts it back afterwards.
func TestFaultsVanishedFiles(t *testing.T) {
	t.Parallel()
	playAll(t, 4, []faultCase{
		{name: "the report is removed", rows: 900, play: func(s *scenario) error {
			s.unheard += len(s.rows) // all of them were in it
			if err := s.lose("users.report.csv", os.Remove); err != nil {
				return err
			}
			if output := s.log.String(); !strings.Contains(output, "to finish: put the report back, and run the same command with --resume\n") {
				return errors.New("it did not explain what to do without the report")
			}
			return errors.Join(os.Remove(s.path("users.failed.csv")), os.Remove(s.path("users.malformed.csv")))
		}},
		{name: "the failed rows are removed", rows: 900, play: func(s *scenario) error {
			return s.lose("users.failed.csv", os.Remove)
		}},
		{name: "the report is moved away and back", rows: 900, play: func(s *scenario) error {
			away := s.path("moved.csv")
			if err := s.lose("users.report.csv", func(path string) error { return os.Rename(path, away) }); err != nil {
				return err
			}
			return os.Rename(away, s.path("users.report.csv"))
		}},
	})
}

// lose takes a file away from a run that has written to it.
func (s *scenario) lose(name string, take func(path string) error) error {
	r, err := s.begin(100)
	if err != nil {
		return err
	}
	if err := r.until("the file has some rows", func() bool { return s.size(name) > 300 }); err != nil {
		return err
	}
	if err := take(s.path(name)); err != nil {
		return err
	}
	status, err := r.wait()
	if err != nil {
		return err
	}
	s.died(100)
	// It is noticed with the next sync, which comes every second.
	return s.stoppedFor(status, r.output.String(), time.Now(), "was removed while the run was writing to it")
}

func (s *scenario) size(name string) int64 {
	info, err := os.Stat(s.path(name))
	if err != nil {
		return 0
	}
	return info.Size()
}

// TestFaultsFullFilesystem runs on a filesystem that is too small, and resumes
// when there is room.
func TestFaultsFullFilesystem(t *testing.T) {
	t.Parallel()
	probe := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "tmpfs", probe).CombinedOutput(); err != nil {
		t.Skipf("a filesystem cannot be mounted here: %s", out)
	}
	if err := syscall.Unmount(probe, 0); err != nil {
		t.Fatal(err)
	}
	var cases []faultCase
	for _, pages := range []int{8, 9, 10, 12, 16} { // the input takes six of them
		cases = append(cases, faultCase{name: fmt.Sprintf("%d pages", pages), rows: 900, play: func(s *scenario) error {
			return s.fillFilesystem(pages)
		}})
	}
	playAll(t, 3, cases)
}

func (s *scenario) fillFilesystem(pages int) error {
	input, err := os.ReadFile(s.path("users.csv"))
	if err != nil {
		return err
	}
	if err := syscall.Mount("tmpfs", s.dir, "tmpfs", 0, fmt.Sprintf("size=%dk", 4*pages)); err != nil {
		return fmt.Errorf("mount: %w", err)
	}
	s.unmount = func() error { return syscall.Unmount(s.dir, syscall.MNT_DETACH) }
	if err := os.WriteFile(s.path("users.csv"), input, 0o600); err != nil {
		return err
	}
	const rate = 400
	r, err := s.begin(rate)
	if err != nil {
		return err
	}
	status, err := r.wait()
	if err != nil {
		return err
	}
	s.died(rate)
	if err := s.stoppedFor(status, r.output.String(), time.Now(), "no space left on device"); err != nil {
		return err
	}
	return syscall.Mount("tmpfs", s.dir, "tmpfs", syscall.MS_REMOUNT, "size=10m")
}
