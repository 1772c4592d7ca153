//go:build e2e && release && linux

package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// container is the image of the release, unpacked, and its configuration as a
// runtime gets it.
type container struct {
	root    string
	Mounts  []struct{ Destination string }
	Process struct {
		User struct{ UID, GID int }
		Args []string
		Env  []string
		Cwd  string
	}
}

// unpackImage unpacks the image for this machine, with the tools of others.
func unpackImage(t *testing.T) *container {
	t.Helper()
	dir := t.TempDir()
	system(t, "tar", "-C", dir, "-xf", releaseFile(t, "_oci.tar"))
	var index struct {
		Manifests []struct {
			Platform struct{ OS, Architecture string }
		}
	}
	if err := json.Unmarshal([]byte(system(t, "skopeo", "inspect", "--raw", "oci:"+dir+":latest")), &index); err != nil {
		t.Fatal(err)
	}
	var platforms []string
	for _, m := range index.Manifests {
		platforms = append(platforms, m.Platform.OS+"/"+m.Platform.Architecture)
	}
	if !slices.Equal(platforms, []string{"linux/amd64", "linux/arm64"}) {
		t.Errorf("the image is for %q", platforms)
	}
	one, bundle := filepath.Join(dir, "one"), filepath.Join(dir, "bundle")
	system(t, "skopeo", "copy", "--quiet", "oci:"+dir+":latest", "oci:"+one+":one")
	system(t, "umoci", "unpack", "--rootless", "--image", one+":one", bundle)
	text, err := os.ReadFile(filepath.Join(bundle, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	c := &container{root: filepath.Join(bundle, "rootfs")}
	if err := json.Unmarshal(text, c); err != nil {
		t.Fatal(err)
	}
	return c
}

// command starts the image as a hardened runtime does: its root read-only, a
// volume in the place of its directory, no HOME, and as the first process.
func (c *container) command(t *testing.T, volume string, env []string, arguments ...string) *exec.Cmd {
	t.Helper()
	words := []string{"--ro-bind", c.root, "/", "--bind", volume, c.Process.Cwd, "--proc", "/proc", "--dev", "/dev",
		"--unshare-user", "--uid", strconv.Itoa(c.Process.User.UID), "--gid", strconv.Itoa(c.Process.User.GID),
		"--unshare-pid", "--as-pid-1", "--die-with-parent", "--chdir", c.Process.Cwd, "--clearenv"}
	for _, variable := range append(env, c.Process.Env...) {
		name, value, _ := strings.Cut(variable, "=")
		if name == "HOME" || name == "TERM" { // the unpacker's additions
			continue
		}
		words = append(words, "--setenv", name, value)
	}
	return exec.Command("bwrap", slices.Concat(words, c.Process.Args, arguments)...)
}

// TestImage: a job in a container is terminated, and resumed in another one, which
// believes only its own certificate authority.
func TestImage(t *testing.T) {
	c := unpackImage(t)
	if c.Process.User.UID != 65532 || !slices.Equal(c.Process.Args, []string{"/usr/bin/cognito-confirm"}) {
		t.Errorf("the image has the process %+v", c.Process)
	}
	if !slices.ContainsFunc(c.Mounts, func(m struct{ Destination string }) bool { return m.Destination == c.Process.Cwd }) {
		t.Errorf("the directory %s is no volume", c.Process.Cwd)
	}
	for name, mode := range map[string]os.FileMode{"tmp": os.ModeDir | os.ModeSticky | 0o777, "etc/passwd": 0o644, "etc/ssl/certs/ca-certificates.crt": 0o644} {
		if info, err := os.Stat(filepath.Join(c.root, name)); err != nil || info.Mode() != mode || info.Size() == 0 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if passwd := read(t, c.root, "etc/passwd"); !strings.Contains(passwd, ":65532:65532:") {
		t.Errorf("no user 65532: %s", passwd)
	}

	const users = 40
	volume := t.TempDir()
	server, url := standIn(t, fakecognito.Options{Latency: 500 * time.Millisecond})
	numberedUsers(t, volume, users)
	report := filepath.Join(volume, "users.report.csv")
	arguments := func(more ...string) []string {
		return append([]string{"run", "users.csv", "--user-pool-id", poolID}, more...)
	}
	first := c.command(t, volume, credentials(), arguments("--endpoint-url", url, "--rate", "10")...)
	var stderr strings.Builder
	first.Stderr = &stderr
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "calls are on the wire", func() bool { return server.Counts().Calls > 3 })
	if err := syscall.Kill(childOf(t, first.Process.Pid), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	first.Wait()
	if status, rows, calls := first.ProcessState.ExitCode(), rowsIn(t, report), int(server.Counts().Calls); status != 143 || rows != calls || rows == users {
		t.Errorf("exit status %d, %d rows in the report, %d calls\n%s", status, rows, calls, &stderr)
	}

	e := startEmulator(t, "")
	ca := newAuthority(t)
	p := startProxy(t, e, ca.sign(t, realHost), "")
	put(t, volume, "ca.pem", read(t, filepath.Dir(ca.bundle), filepath.Base(ca.bundle)))
	env := append(credentials(), "HTTPS_PROXY="+p.URL)
	for _, test := range []struct {
		variable string
		status   int
	}{{"NO_CA=1", 2}, {"SSL_CERT_FILE=/data/ca.pem", 0}, {"AWS_CA_BUNDLE=/data/ca.pem", 0}} {
		report := "--report=" + strings.ToLower(test.variable[:3]) + ".csv"
		got := finish(t, c.command(t, volume, append(env, test.variable), arguments(report)...))
		if got.status != test.status {
			t.Errorf("%s: exit status %d\n%s", test.variable, got.status, got.stderr)
		}
	}
	got := finish(t, c.command(t, volume, credentials(), arguments("--endpoint-url", url, "--resume", "--rate", "100")...))
	if rows := rowsIn(t, report); got.status != 0 || rows != users {
		t.Errorf("resumed: exit status %d, %d rows\n%s", got.status, rows, got.stderr)
	}
}
