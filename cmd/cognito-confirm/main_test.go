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
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// awsConfig is what the tests have in place of ~/.aws/config.
const awsConfig = `[profile tokyo]
region = ap-northeast-1
aws_access_key_id = TOKYO
aws_secret_access_key = secret

[profile nobody]
region = us-east-1

[profile slow]
credential_process = sleep 5 2>/dev/null
`

// binaryDirectory is where the tests may build the program.
var binaryDirectory string

// TestMain puts the AWS configuration of the machine out of reach, once for
// all tests, so that they can be parallel and nothing leaves loopback.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "cognito-confirm-test-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		binaryDirectory = dir
		config := filepath.Join(dir, "config")
		if err := os.WriteFile(config, []byte(awsConfig), 0o600); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		for _, entry := range os.Environ() {
			if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, envPrefix) {
				os.Unsetenv(name)
			}
		}
		os.Unsetenv("COLUMNS") // the width of the help
		os.Setenv("AWS_CONFIG_FILE", config)
		os.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
		os.Setenv("AWS_EC2_METADATA_DISABLED", "true")
		os.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
		os.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
		heedSignals()
		return m.Run()
	}())
}

// heedSignals has this process and those that it starts heed the signals that
// it was told to ignore, as nohup and a shell's background jobs are.
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
