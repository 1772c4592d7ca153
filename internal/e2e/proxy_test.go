//go:build e2e

package e2e

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// put writes a file of a test.
func put(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestTLSProxy: with a TLS proxy whose certificate authority is unknown, a run
// ends at once and names AWS_CA_BUNDLE; with that set, the same command works.
func TestTLSProxy(t *testing.T) {
	t.Parallel()
	e := startEmulator(t, "")
	ca := newAuthority(t)
	p := startProxy(t, e, ca.sign(t, realHost), "")
	dir := t.TempDir()
	put(t, dir, "users.csv", "username\nalice\nbob\ncarol\n")
	env := append(credentials(), "HTTPS_PROXY="+p.URL)
	run := func(env []string, flags ...string) outcome {
		return finish(t, newCommand(t, dir, env, "cognito-confirm", append([]string{"run", "users.csv", "--user-pool-id", poolID}, flags...)...))
	}

	got := run(env)
	if got.status != 2 || !strings.Contains(got.stderr, "AWS_CA_BUNDLE") || got.stdout != "" {
		t.Errorf("without the bundle: status %d\n%s", got.status, got.stderr)
	}
	for name := range eachStream(got) {
		t.Errorf("%s is in the streams", name)
	}
	got = run(append(env, "AWS_CA_BUNDLE="+ca.bundle), "--resume")
	if got.status != 0 || !strings.Contains(got.stderr, "3 confirmed") {
		t.Errorf("with the bundle: status %d\n%s", got.status, got.stderr)
	}
	if counts := e.end(t); counts.calls != 3 {
		t.Errorf("the emulator counted %+v", counts)
	}
	if slices.ContainsFunc(p.wanted, func(w string) bool { return w != "CONNECT "+realHost+":443" }) {
		t.Errorf("the proxy was asked for %q", p.wanted)
	}

	// A certificate of the right authority for another host.
	wrong := startProxy(t, startEmulator(t, ""), ca.sign(t, "cognito.example.com"), "")
	got = run(append(credentials(), "HTTPS_PROXY="+wrong.URL, "AWS_CA_BUNDLE="+ca.bundle), "--overwrite")
	if got.status != 2 || !strings.Contains(got.stderr, "certificate") {
		t.Errorf("with a wrong host: status %d\n%s", got.status, got.stderr)
	}
}

// eachStream yields the usernames that are in the streams.
func eachStream(got outcome) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, name := range []string{"alice", "bob", "carol"} {
			if strings.Contains(got.stdout+got.stderr, name) && !yield(name) {
				return
			}
		}
	}
}

// TestProxyWithPassword: 407 ends a run at once and tells where the password
// goes; there it works, and is in no stream and no file.
func TestProxyWithPassword(t *testing.T) {
	t.Parallel()
	const password = "Sesame42"
	e := startEmulator(t, "")
	ca := newAuthority(t)
	p := startProxy(t, e, ca.sign(t, realHost), password)
	dir := t.TempDir()
	put(t, dir, "users.csv", "username\nalice\nbob\ncarol\n")
	address := func(user *url.Userinfo) string {
		u, err := url.Parse(p.URL)
		if err != nil {
			t.Fatal(err)
		}
		u.User = user
		return u.String()
	}
	for _, step := range []struct {
		name   string
		user   *url.Userinfo
		status int
		said   string
	}{
		{"no password", nil, 2, "HTTPS_PROXY"},
		{"a wrong one", url.UserPassword("ann", "Wrong17"), 2, "HTTPS_PROXY"},
		{"the right one", url.UserPassword("ann", password), 0, "3 confirmed"},
	} {
		env := append(credentials(), "HTTPS_PROXY="+address(step.user), "AWS_CA_BUNDLE="+ca.bundle)
		got := finish(t, newCommand(t, dir, env, "cognito-confirm", "run", "users.csv", "--user-pool-id", poolID, "--resume", "--summary", "-"))
		if got.status != step.status || !strings.Contains(got.stderr, step.said) {
			t.Errorf("%s: status %d\n%s", step.name, got.status, got.stderr)
		}
		if all := got.stdout + got.stderr + read(t, dir, "users.report.csv"); strings.Contains(all, password) || strings.Contains(all, "Wrong17") {
			t.Errorf("%s: the password is in\n%s", step.name, all)
		}
	}
	// Two calls at most for each run that is refused.
	if p.refused == 0 || p.refused > 4 {
		t.Errorf("the proxy refused %d times", p.refused)
	}
	if counts := e.end(t); counts.calls != 3 {
		t.Errorf("the emulator counted %+v", counts)
	}
}

// read returns what is in a file of a test, "" when there is none.
func read(t *testing.T, dir, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(content)
}
