package main

import (
	"strings"
	"testing"
)

// TestUsage: a command line that makes no sense ends the program before
// anything is opened, with the flag's name.
func TestUsage(t *testing.T) {
	t.Parallel()
	run := []string{"run", "--user-pool-id", testPool}
	with := func(args ...string) []string { return append(run[:len(run):len(run)], args...) }
	tests := []struct {
		args []string
		says string
	}{
		{[]string{"users.csv"}, "missing flags: --user-pool-id=ID"},
		{[]string{"frobnicate"}, "missing flags: --user-pool-id=ID"}, // an input, for run is the default
		{[]string{"chekc", "users.csv"}, `unexpected argument chekc, did you mean "check"?`},
		{[]string{"--quiet", "chekc"}, `unexpected argument chekc, did you mean "check"?`},
		{[]string{"--user-pool-id", testPool, "versoin"}, `unexpected argument versoin, did you mean "version"?`},
		{[]string{"run", "chekc"}, "missing flags: --user-pool-id=ID"},
		{[]string{"help", "chekc"}, `unexpected argument chekc, did you mean "check"?`},
		{[]string{"help", "frobnicate"}, "unexpected argument frobnicate"},
		{[]string{"help", "run", "check"}, "unexpected argument at position 3\n"},
		{[]string{"completion", "csh"}, `must be one of "bash","zsh","fish"`},
		{[]string{"run", "a.csv", "--palce", "polite"}, `did you mean "--pace"?`},
		{run, `expected "<input>"`},
		{[]string{"check"}, `expected "<input>"`},
		{with("a.csv", "b.csv"), "unexpected argument at position 5\n"},
		{with("--", "a.csv", "b.csv"), "unexpected argument at position 6\n"},
		{with("a.csv", "--", "b.csv"), "unexpected argument at position 6\n"},
		{with("a.csv", "--quiet", "--client-metadata", "k=v", "password=S3cretPw", "--resume"), "unexpected argument at position 8\n"},
		{with("--help=S3cretPw", "a.csv"), "--help"},
		{with("--quiet=S3cretPw", "a.csv"), "--quiet"},
		{with("-wS3cretPw", "a.csv"), "-w"},
		{with("--pass=S3cretPw", "a.csv"), "--pass"},
		{[]string{"S3cretPw", "S3cretPw"}, "unexpected argument at position 2\n"},

		{with("--frobnicate", "a.csv"), "unknown flag --frobnicate"},
		{with("--rate", "fast", "a.csv"), "--rate: "},
		{with("--rate", "0", "a.csv"), "--rate: must be a number above 0, or auto"},
		{with("--rate=-1", "a.csv"), "--rate: must be a number above 0, or auto"},
		{with("--rate", "NaN", "a.csv"), "--rate: must be a number above 0, or auto"},
		{with("--rate", "Inf", "a.csv"), "--rate: must be a number above 0, or auto"},
		{[]string{"check", "--rate", "Inf", "a.csv"}, "--rate: must be a number above 0, or auto"},
		{[]string{"check", "--rate", "0", "a.csv"}, "--rate: must be a number above 0, or auto"},
		{with("--concurrency", "0", "a.csv"), "--concurrency must be from 1 to 10000"},
		{with("--concurrency", "10001", "a.csv"), "--concurrency must be from 1 to 10000"},
		{with("--max-attempts", "0", "a.csv"), "--max-attempts must be at least 1"},
		{with("--timeout", "0s", "a.csv"), "--timeout must be above 0"},
		{with("--timeout", "30", "a.csv"), "--timeout: "},
		{with("--max-consecutive-failures=-1", "a.csv"), "--max-consecutive-failures must be at least 0"},
		{with("--limit", "0", "a.csv"), "--limit must be at least 1"},
		{with("--limit=-1", "a.csv"), "--limit must be at least 1"},
		{with("--for", "0s", "a.csv"), "--for must be above 0"},
		{with("--until", "24:00", "a.csv"), "--until: must be a time of the day, as 06:00"},
		{with("--until", "6", "a.csv"), "--until: must be a time of the day, as 06:00"},
		{with("--delimiter", "", "a.csv"), "--delimiter: "},
		{with("--delimiter", ",,", "a.csv"), "--delimiter: "},
		{with("--delimiter", `"`, "a.csv"), "--delimiter: "},
		{with("--delimiter", "\n", "a.csv"), "--delimiter: "},
		{with("--delimiter", "\xff", "a.csv"), "--delimiter: "},
		{with("--client-metadata", "k", "a.csv"), "--client-metadata: character 2: expected k=v"},
		{with("--client-metadata", "=v", "a.csv"), "character 1: expected k=v"},
		{with("--client-metadata", "", "a.csv"), "character 1: expected k=v"},
		{with("--client-metadata", "k=a,b", "a.csv"), "character 6: expected k=v"},
		{with("--client-metadata", `{"k":"v"}x`, "a.csv"), "not a JSON object of strings"},
		{with("--client-metadata", "k=a,k=b", "a.csv"), "the key k is given twice"},
		{with("--client-metadata", `{"k":1}`, "a.csv"), "not a JSON object of strings"},
		{with("--client-metadata", `{"k":`, "a.csv"), "not a JSON object of strings"},
		{with("--client-metadata", "k=\xff", "a.csv"), "is not UTF-8"},
		{with("--client-metadata", "k="+strings.Repeat("x", 131_073), "a.csv"), "more than 131072 characters"},
		{with("--resume", "--overwrite", "a.csv"), "--resume and --overwrite can't be used together"},
		{with("--log-emf", "Users", "a.csv"), "--log-emf needs --log-format json"},
		{with("--metrics-file", "-", "a.csv"), "--metrics-file must be a path"},
		{with("--metrics-file", "s3://b/k", "a.csv"), "--metrics-file must be a path"},
		{with("--verify-rate", "5", "a.csv"), "--verify-rate needs --mark-verified"},
		{with("--allow-alias-takeover", "a.csv"), "--allow-alias-takeover needs --mark-verified"},
		{[]string{"check", "--verify-rate", "auto", "a.csv"}, "--verify-rate needs --mark-verified"},
		{[]string{"emulator", "--burst", "5", "--addr", "x"}, "--burst needs --quota"},
		{with("--rate", "-3", "a.csv"), `--rate: needs a value, and "-3" looks like a flag` + "\n"},
		{with("--timeout", "5", "a.csv"), "--timeout: must be a duration, as 30s or 1m\n"},
		{with("--concurrency", "many", "a.csv"), "--concurrency: must be a whole number\n"},
		{[]string{"a.csv", "--user-pool-id"}, "--user-pool-id: needs a value\n"},
		{[]string{"a.csv", "--report", "--user-pool-id", testPool}, `--report: needs a value, and "--user-pool-id" looks like a flag` + "\n"},
		{[]string{"emulator", "--quota", "x"}, "--quota: must be a number\n"},
		{with("--report", "-", "a.csv"), "cannot be standard output"},
		{with("--failed", "-", "a.csv"), "cannot be standard output"},
		{with("--no-header", "--username-column", "2", "a.csv"), "--username-column needs a header"},
		{with("-"), "standard input and pipes have no name to derive the report's from"},
	}
	for _, test := range tests {
		got := invoke(t, test.args...)
		if got.status != 2 || got.stdout != "" {
			t.Errorf("%q: exit status %d, standard output %q", test.args, got.status, got.stdout)
		}
		got.wantError(t, test.says)
		if strings.Contains(got.stderr, "S3cretPw") {
			t.Errorf("%q: standard error has the text of an argument: %s", test.args, got.stderr)
		}
	}
}

// TestUsageInTheEnvironment: a variable is refused by the name of its flag.
func TestUsageInTheEnvironment(t *testing.T) {
	t.Parallel()
	var stdout, stderr safeBuffer
	status := run(t.Context(), started("check", "a.csv"), []string{"COGNITO_CONFIRM_QUIET=maybe"}, strings.NewReader(""), &stdout, &stderr)
	got := outcome{status: status, stderr: stderr.String()}
	got.wantStatus(t, 2)
	got.wantError(t, "--quiet", `"maybe"`)
}

// TestVariableWithoutEffect: a variable may be meant for another command.
func TestVariableWithoutEffect(t *testing.T) {
	t.Parallel()
	input := put(t, t.TempDir(), "a.csv", "username\nalice\n")
	var stdout, stderr safeBuffer
	status := run(t.Context(), started("check", input), []string{"COGNITO_CONFIRM_VERIFY_RATE=5"}, strings.NewReader(""), &stdout, &stderr)
	outcome{status: status, stderr: stderr.String()}.wantStatus(t, 0)
}

// TestFileNamedLikeACommand is an input when it is there.
func TestFileNamedLikeACommand(t *testing.T) {
	t.Chdir(t.TempDir())
	put(t, ".", "chekc", "username\nalice\n")
	got := invoke(t, start(t).args("chekc")[1:]...)
	got.wantStatus(t, 0)
}
