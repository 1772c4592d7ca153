package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"cognito-confirm/internal/flags"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// TestMain runs the tests, or is the program itself when a script calls it.
func TestMain(m *testing.M) {
	testscript.Main(isolated{m}, map[string]func(){programName: main})
}

// isolated runs the tests without the AWS configuration of the machine and the
// settings of the person, so that nothing leaves loopback.
type isolated struct{ *testing.M }

func (i isolated) Run() int {
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, flags.Prefix) {
			os.Unsetenv(name)
		}
	}
	os.Unsetenv("COLUMNS") // the width of the help
	for _, entry := range awsEnvironment() {
		name, value, _ := strings.Cut(entry, "=")
		os.Setenv(name, value)
	}
	heedSignals()
	return i.M.Run()
}

// awsEnvironment is all that a test's program knows of AWS.
func awsEnvironment() []string {
	return []string{
		"AWS_ACCESS_KEY_ID=AKIDEXAMPLE",
		"AWS_SECRET_ACCESS_KEY=secret",
		"AWS_CONFIG_FILE=" + os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true",
	}
}

// heedSignals has the programs that the scripts start heed a signal that this
// process was told to ignore, as nohup and a shell's background jobs are.
func heedSignals() {
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGHUP} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
}

// golden compares a text with a file of testdata, or writes it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
	}
}

// put writes a file into a directory and returns its path.
func put(t testing.TB, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t testing.TB, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// names lists a directory.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, entry := range entries {
		all = append(all, entry.Name())
	}
	return strings.Join(all, " ")
}

// numbered is an input of n users.
func numbered(n int) string {
	var b strings.Builder
	b.WriteString("username\n")
	for i := range n {
		fmt.Fprintf(&b, "user%04d\n", i)
	}
	return b.String()
}
