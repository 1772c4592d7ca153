package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf16"
)

// asUTF16 is a text as a spreadsheet saves it that was asked for Unicode.
func asUTF16(text string) string {
	packed := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		packed = append(packed, byte(unit), byte(unit>>8))
	}
	return string(packed)
}

// TestInputsThatCannotBeUsed are refused before anything is made, by run and by check.
func TestInputsThatCannotBeUsed(t *testing.T) {
	tests := []struct {
		name, file, content string
		says                []string
	}{
		{"missing", "", "", []string{"open input: ", "no such file or directory"}},
		{"UTF-16", "users.csv", asUTF16("username\r\nalice\r\n"), []string{"looks like UTF-16", "hint: ", "iconv"}},
		{"UTF-16 in a gzip", "users.csv.gz", "gzip:" + asUTF16("username\r\nalice\r\n"), []string{"looks like UTF-16"}},
		{"empty", "users.csv", "", []string{"the input is empty", "hint: it needs a header line"}},
		{"empty gzip", "users.csv.gz", "gzip:", []string{"the input is empty"}},
		{"empty, called gzip", "users.csv.gz", "", []string{"is not gzip"}},
		{"plain, called gzip", "users.csv.gz", "username\nalice\n", []string{"is not gzip", "hint: take the .gz off its name if it is plain CSV"}},
		{"gzip cut off in its header", "users.csv.gz", zipped(t, "username\n")[:6], []string{"is not gzip"}},
		{"a spreadsheet", "users.csv", "PK\x03\x04\x14\x00", []string{"spreadsheet", `hint: export it as "CSV UTF-8"`}},
		{"a program", "users.csv", "\x7fELF\x02\x01\x01\x00\x00", []string{"hint: "}},
		{"no such column", "users.csv", "name,mail\nalice,x\n", []string{`no column "username"`, `"name", "mail"`, "hint: name the column with --username-column"}},
		{"another delimiter", "users.csv", "id;username\n1;alice\n", []string{`no column "username"`, "hint: ", "--delimiter ';'"}},
		{"column twice", "users.csv", "username,USERNAME\na,b\n", []string{"more than once", "hint: rename or remove one of them"}},
	}
	for _, test := range tests {
		for _, command := range []string{"run", "check"} {
			t.Run(test.name+" "+command, func(t *testing.T) {
				t.Parallel()
				s, dir := start(t), t.TempDir()
				input, before := filepath.Join(dir, "none.csv"), ""
				if test.file != "" {
					content, packed := strings.CutPrefix(test.content, "gzip:")
					if packed {
						content = zipped(t, content)
					}
					input, before = put(t, dir, test.file, content), test.file
				}
				args := s.args(input)
				if command == "check" {
					args = []string{"check", input}
				}
				got := invoke(t, append(args, "--summary", filepath.Join(dir, "summary.json"))...)
				got.wantStatus(t, 2)
				got.wantError(t, test.says...)
				if left := names(t, dir); left != before {
					t.Errorf("left behind: %s", left)
				}
			})
		}
	}
}

func TestInputIsADirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, args := range [][]string{{"check", dir}, {"run", "--user-pool-id", testPool, dir}} {
		got := invoke(t, args...)
		got.wantStatus(t, 2)
		got.wantError(t, dir+" is a directory", "hint: name the CSV file in it")
	}
	missing(t, dir+".report.csv")
}

// TestInputsAsPeopleHaveThem all name the same two users.
func TestInputsAsPeopleHaveThem(t *testing.T) {
	const users = "username,note\nalice,1\nbob,2\n"
	tests := []struct {
		name, file, content string
		args                []string
	}{
		{"plain", "users.csv", users, nil},
		{"gzip", "users.csv.gz", zipped(t, users), nil},
		{"gzip without its name", "users.csv", zipped(t, users), nil},
		{"two gzip files in a row", "users.csv.gz", zipped(t, "username,note\nalice,1\n") + zipped(t, "bob,2\n"), nil},
		{"byte order mark", "users.csv", "\ufeff" + users, nil},
		{"byte order mark before a quoted header", "users.csv", "\ufeff\"username\",\"note\"\n\"alice\",\"1\"\n\"bob\",\"2\"\n", nil},
		{"CRLF, no final newline", "users.csv", "username,note\r\nalice,1\r\nbob,2", nil},
		{"blank lines", "users.csv", "\n\nusername,note\n\nalice,1\n\n\nbob,2\n\n", nil},
		{"Cognito's own template", "users.csv", "name,cognito:username,email\nA,alice,a@example.com\nB,bob,b@example.com\n", nil},
		{"header in any case, with spaces", "users.csv", "note, UserName \n1, alice \n2,bob\n", nil},
		{"named column", "users.csv", "username,login\nx,alice\ny,bob\n", []string{"--username-column", " LOGIN"}},
		{"no header", "users.csv", "alice,1\nbob,2\n", []string{"--no-header"}},
		{"tab", "users.csv", "note\tusername\n1\talice\n2\tbob\n", []string{"--delimiter", "tab"}},
		{"quoted newlines", "users.csv", "note,username\n\"a\nb\",alice\n\"c\r\nd\",bob\n", nil},
	}
	for _, test := range tests {
		for _, piped := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, piped %v", test.name, piped), func(t *testing.T) {
				t.Parallel()
				s, dir := start(t), t.TempDir()
				input, stdin := put(t, dir, test.file, test.content), ""
				args := append([]string{"--report", filepath.Join(dir, "r.csv")}, test.args...)
				if piped {
					input, stdin = "-", test.content
				}
				got := invokeWith(t, t.Context(), nil, stdin, s.args(input, args...)...)
				got.wantStatus(t, 0)
				wantReport(t, filepath.Join(dir, "r.csv"), map[string]string{"alice": "confirmed", "bob": "confirmed"})
			})
		}
	}
}

// TestInputThatBreaksOff: what was done is in the report, and the run says that
// it is not all.
func TestInputThatBreaksOff(t *testing.T) {
	t.Parallel()
	s, dir := start(t), t.TempDir()
	var users strings.Builder
	users.WriteString("username\n")
	for range 1000 {
		// Noise, which no packer makes smaller than its buffers.
		fmt.Fprintf(&users, "%016x\n", rand.Uint64())
	}
	packed := zipped(t, users.String())
	input := put(t, dir, "users.csv.gz", packed[:len(packed)-len(packed)/4])
	got := invoke(t, s.args(input)...)
	got.wantStatus(t, 1)
	got.wantError(t, "stopped: read input: ", "unexpected EOF")
	lines := readReport(t, filepath.Join(dir, "users.report.csv"))
	if n := len(lines); n < 200 || n >= 1000 || int64(n) != s.Counts().Confirmed {
		t.Errorf("%d lines in the report, %d confirmed", n, s.Counts().Confirmed)
	}
	for username := range lines {
		if len(username) != 16 {
			t.Errorf("half a row was sent: %q", username)
		}
	}

	got = invoke(t, "check", input)
	got.wantStatus(t, 1)
	got.wantError(t, "read input: unexpected EOF")
}

// TestQuotationMarkThatIsNotClosed: the rows behind it are in nobody's report,
// and that is said loudly, also when nothing else is said.
func TestQuotationMarkThatIsNotClosed(t *testing.T) {
	t.Parallel()
	for _, quiet := range []bool{false, true} {
		s, dir := start(t), t.TempDir()
		args := s.args(put(t, dir, "users.csv", "username,note\nalice,1\n\"bob,2\ncarol,3\ndave,4\n"), "--summary", "-")
		if quiet {
			args = append(args, "--quiet")
		}
		got := invoke(t, args...)
		got.wantStatus(t, 3)
		got.wantError(t, "WARNING: lines 3 to ", "were read as ONE malformed record, because a quotation mark on line 3 is not closed")
		if !strings.Contains(got.stdout, `"swallowed": {`) {
			t.Errorf("the summary has nothing swallowed:\n%s", got.stdout)
		}
		wantReport(t, filepath.Join(dir, "users.report.csv"), map[string]string{"alice": "confirmed", "": "invalid malformed_record"})
		missing(t, filepath.Join(dir, "users.failed.csv"))
	}
}

// TestInputThatCannotBeRead: a permission is missing, or there is no such file.
func TestInputThatCannotBeRead(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	input := put(t, t.TempDir(), "users.csv", "username\nalice\n")
	if err := os.Chmod(input, 0); err != nil {
		t.Fatal(err)
	}
	got := invoke(t, "check", input)
	got.wantStatus(t, 2)
	got.wantError(t, "open input: ", "permission denied")
}

// TestUsernameColumnWithoutHeader: a flag that would be ignored is refused.
func TestUsernameColumnWithoutHeader(t *testing.T) {
	t.Parallel()
	input := put(t, t.TempDir(), "users.csv", "1,anna\n2,bert\n")
	got := invoke(t, "check", "--no-header", "--username-column", "2", input)
	got.wantStatus(t, 2)
	got.wantError(t, "--username-column needs a header", "the first column is the username")
}

// TestPipeThatNobodyWritesTo: the first signal ends the wait for a writer.
func TestPipeThatNobodyWritesTo(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "users.csv")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(50*time.Millisecond, func() { cancel(&interruption{os.Interrupt}) })
	var stderr bytes.Buffer
	if status := run(ctx, []string{"check", pipe}, nil, nil, io.Discard, &stderr); status != exitInterrupted {
		t.Errorf("exit status %d: %s", status, &stderr)
	}
}
