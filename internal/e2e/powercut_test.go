//go:build e2e && linux

package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"cognito-confirm/internal/fakecognito"
)

// disk is an ext4 filesystem in a file, which can be cut off.
type disk struct {
	image, dir string
}

// newDisk makes and mounts one.
func newDisk(t *testing.T) *disk {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("a disk that is cut off needs root")
	}
	d := &disk{image: filepath.Join(t.TempDir(), "disk"), dir: t.TempDir()}
	for _, command := range [][]string{
		{"truncate", "-s", "64M", d.image}, {"mkfs.ext4", "-q", d.image}, {"mount", "-o", "loop", d.image, d.dir},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Skipf("a disk that is cut off needs loop devices and ext4: %v: %s", err, out)
		}
	}
	t.Cleanup(func() { _ = syscall.Unmount(d.dir, syscall.MNT_DETACH) })
	return d
}

const (
	// goDown is EXT4_IOC_SHUTDOWN, and withoutFlush its argument for a power cut:
	// what is not on the disk yet never gets there.
	goDown       = 0x8004587d
	withoutFlush = 2
)

// cut takes the disk away from all who have files on it.
func (d *disk) cut(t *testing.T) {
	t.Helper()
	dir, err := os.Open(d.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	how := uint32(withoutFlush)
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, dir.Fd(), goDown, uintptr(unsafe.Pointer(&how))); errno != 0 {
		t.Skipf("this ext4 cannot be cut off: %v", errno)
	}
}

// restart mounts what has reached the disk.
func (d *disk) restart(t *testing.T) {
	t.Helper()
	err := syscall.Unmount(d.dir, 0)
	out, mountErr := exec.Command("mount", "-o", "loop", d.image, d.dir).CombinedOutput()
	if err := errors.Join(err, mountErr); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// onDisk is how old an answer is that must be on the disk: a second until the
// sync, and patience with a busy machine.
const onDisk = 4 * time.Second

// TestPowerCut cuts the disk off below runs at different moments. Each run stops,
// and what was answered some seconds before is on the disk. A last run does the
// rest, and no user is left out.
func TestPowerCut(t *testing.T) {
	const rows = 3000
	d := newDisk(t)
	server, url := standIn(t, fakecognito.Options{LogCalls: true, Latency: 5 * time.Millisecond})
	numberedUsers(t, d.dir, rows)
	syncAll(t, d.dir)
	for i, moment := range []time.Duration{100 * time.Millisecond, 6 * time.Second, 700 * time.Millisecond, 1500 * time.Millisecond, 2300 * time.Millisecond} {
		arguments := runArguments(url, "--rate", "100", "--resume")
		command := newCommand(t, d.dir, credentials(), arguments[0], arguments[1:]...)
		var stderr strings.Builder
		command.Stderr = &stderr
		started := time.Now()
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(moment)
		cut := time.Now()
		d.cut(t)
		err := command.Wait()
		// A run that cannot open or read a file before its first call ends with 1, too.
		if status := command.ProcessState.ExitCode(); status != 1 {
			t.Errorf("cut %d: exit status %d, %v\n%s", i+1, status, err, &stderr)
		}
		if said := stderr.String(); strings.Contains(said, "--overwrite") || strings.Contains(said, "put the report back") {
			t.Errorf("cut %d: that is no reason to give the report up:\n%s", i+1, said)
		}
		d.restart(t)
		onDiskNow := usersIn(t, filepath.Join(d.dir, "users.report.csv"))
		for _, call := range server.Calls() {
			if call.Answered.After(started) && cut.Sub(call.Answered) > onDisk && !onDiskNow[call.Username] {
				t.Fatalf("cut %d: %s was answered %v before and is not on the disk", i+1, call.Username, cut.Sub(call.Answered))
			}
		}
		t.Logf("cut %d after %v: %d users on the disk, %d calls", i+1, moment, len(onDiskNow), server.Counts().Calls)
	}
	calls := int(server.Counts().Calls)
	got := finish(t, newCommand(t, d.dir, credentials(), "cognito-confirm", runArguments(url, "--rate", "5000", "--resume")[1:]...))
	if got.status != 0 {
		t.Errorf("the last run: exit status %d\n%s", got.status, got.stderr)
	}
	onDiskNow := usersIn(t, filepath.Join(d.dir, "users.report.csv"))
	asked := make(map[string]bool)
	for _, call := range server.Calls() {
		asked[call.Username] = true
	}
	if len(onDiskNow) != rows || len(asked) != rows {
		t.Errorf("%d users in the report and %d asked, of %d", len(onDiskNow), len(asked), rows)
	}
	t.Logf("%d rows, 0 lost; %d calls in runs that were cut off, %d made again", rows, calls, int(server.Counts().Calls)-rows)
	wantNothingElse(t, d.dir, "lost+found", "users.csv", "users.report.csv", "users.report.csv.endpoint", "users.events.jsonl")
}

// syncAll brings a directory's filesystem to its disk.
func syncAll(t *testing.T, dir string) {
	t.Helper()
	if out, err := exec.Command("sync", "-f", dir).CombinedOutput(); err != nil {
		t.Fatalf("sync: %v: %s", err, out)
	}
}

// usersIn are the users of a report, each of them once. There may be no report yet,
// and its last line may be half a line.
func usersIn(t *testing.T, path string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	users := make(map[string]bool)
	whole := text[:strings.LastIndexByte(string(text), '\n')+1]
	for i, line := range strings.Split(strings.TrimSuffix(string(whole), "\n"), "\n") {
		fields := strings.Split(line, ",")
		switch {
		case i == 0:
		case len(fields) != len(reportHeader) || users[fields[1]]:
			t.Fatalf("line %d of the report: %q", i+1, line)
		default:
			users[fields[1]] = true
		}
	}
	return users
}
