//go:build e2e && linux

package e2e

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"cognito-confirm/internal/fakecognito"
)

// owner and runner are users of the system without a name.
const owner, runner = 12001, 12002

// strangersDirectory is owner's, and runner runs the program in it.
type strangersDirectory struct {
	path, program string
}

func newStrangersDirectory(t *testing.T) strangersDirectory {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("running as two other users needs root")
	}
	// Others may not be able to come to where the program was built.
	program := filepath.Join(t.TempDir(), "cognito-confirm")
	from, err := os.Open(built(t, "bin/cognito-confirm"))
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(program, os.O_CREATE|os.O_WRONLY, 0o755)
	if err == nil {
		_, err = io.Copy(to, from)
	}
	if err == nil {
		err = to.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return strangersDirectory{filepath.Dir(numberedUsers(t, t.TempDir(), 3)), program}
}

// run runs the program as runner, in the directory with a mode.
func (d strangersDirectory) run(t *testing.T, mode os.FileMode, arguments ...string) outcome {
	t.Helper()
	for _, change := range []error{
		os.Chmod(d.path, mode), os.Chown(d.path, owner, owner),
		os.Chmod(filepath.Join(d.path, "users.csv"), 0o644),
		os.Chmod(filepath.Dir(d.program), 0o755), os.Chmod(filepath.Dir(filepath.Dir(d.program)), 0o755), os.Chmod(filepath.Dir(d.path), 0o755),
	} {
		if change != nil {
			t.Fatal(change)
		}
	}
	command := newCommand(t, d.path, credentials(), d.program, arguments[1:]...)
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: runner, Gid: runner}}
	return finish(t, command)
}

// put makes a file of owner's, with a mode.
func (d strangersDirectory) put(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	path := filepath.Join(d.path, name)
	for _, err := range []error{os.WriteFile(path, []byte(text), mode), os.Chmod(path, mode), os.Chown(path, owner, owner)} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestDirectoryOfAnotherUser: where no file can be made, a run ends before the first
// call. Where everybody may make files, it leaves those of others alone.
func TestDirectoryOfAnotherUser(t *testing.T) {
	d := newStrangersDirectory(t)
	server, url := standIn(t, fakecognito.Options{})
	server.SetFault("user000001", fakecognito.Fault{Code: "UserNotFoundException"})
	got := d.run(t, 0o755, runArguments(url)...)
	if got.status != 2 || server.Counts().Calls != 0 {
		t.Errorf("not writable: exit status %d after %d calls\n%s", got.status, server.Counts().Calls, got.stderr)
	}
	wantNothingElse(t, d.path, "users.csv")

	// As /tmp is.
	const everybodys = 0o777 | os.ModeSticky
	theirs := []string{"users.failed.csv.tmp", "users.report.csv.tmp", ".users.failed.csv.x.tmp", "secret"}
	for _, name := range theirs {
		d.put(t, name, "precious\n", 0o600)
	}
	if err := os.Symlink("secret", filepath.Join(d.path, "users.report.csv.1.tmp")); err != nil {
		t.Fatal(err)
	}
	if got := d.run(t, everybodys, runArguments(url, "--summary", "summary.json")...); got.status != 3 {
		t.Errorf("writable: exit status %d\n%s", got.status, got.stderr)
	}
	for _, name := range []string{"users.report.csv", "users.failed.csv", "users.events.jsonl", "summary.json"} {
		info, err := os.Stat(filepath.Join(d.path, name))
		if err != nil || info.Mode() != 0o600 || info.Sys().(*syscall.Stat_t).Uid != runner {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	for _, name := range theirs {
		if text, err := os.ReadFile(filepath.Join(d.path, name)); err != nil || string(text) != "precious\n" {
			t.Errorf("%s is now %q, %v", name, text, err)
		}
	}

	// Files of others in the place of ours, of every mode.
	calls := server.Counts().Calls
	for _, name := range []string{"other.report.csv", "other.failed.csv", "other.malformed.csv", "other.events.jsonl", "other.report.csv.endpoint", "other.json"} {
		for _, mode := range []os.FileMode{0o600, 0o644, 0o666} {
			for _, flag := range []string{"--resume", "--overwrite=false"} {
				d.put(t, name, "precious\n", mode)
				got := d.run(t, everybodys, runArguments(url, "--report", "other.report.csv", "--summary", "other.json", flag)...)
				if got.status != 2 || server.Counts().Calls != calls {
					t.Errorf("%s of mode %v, %s: exit status %d\n%s", name, mode, flag, got.status, got.stderr)
				}
				if text, err := os.ReadFile(filepath.Join(d.path, name)); err != nil || string(text) != "precious\n" {
					t.Errorf("%s is now %q, %v", name, text, err)
				}
			}
		}
		if err := os.Remove(filepath.Join(d.path, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// wantNothingElse wants no other names in a directory.
func wantNothingElse(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !slices.Contains(names, entry.Name()) {
			t.Errorf("left behind: %s", entry.Name())
		}
	}
}
