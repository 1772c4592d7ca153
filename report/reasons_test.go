package report_test

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// TestReasons: the failed rows tell why after the columns of the input, or in the
// columns that an earlier failed-rows file had for it.
func TestReasons(t *testing.T) {
	tests := []struct {
		name, header string
		columns      []string
		delimiter    rune
		raw, want    string // of a row that was not found, and of the file
	}{
		{"after the input's columns", "username,note\n", []string{"username", "note"}, 0, "bob,1\n",
			"username,note" + reasons + "\nbob,1" + notThere + "\n"},
		{"one column", "username\n", []string{"username"}, 0, "\"\"\n", "username" + reasons + "\n\"\"" + notThere + "\n"},
		{"cells with the delimiter, quotation marks and line ends", "\"user,name\",note\r\n", []string{"user,name", "note"}, 0, "\"a,\"\"b\r\nc\",\"\"\"\"\r\n",
			"\"user,name\",note" + reasons + "\r\n\"a,\"\"b\r\nc\",\"\"\"\"" + notThere + "\r\n"},
		{"cells that are missing", "id,username,note,more\n", []string{"id", "username", "note", "more"}, 0, "1,bob\n",
			"id,username,note,more" + reasons + "\n1,bob,," + notThere + "\n"},
		{"another delimiter", "username;note\n", []string{"username", "note"}, ';', "bob;a,b\n",
			"username;note;confirm_status;confirm_code;confirm_message\nbob;a,b;failed;UserNotFoundException;User does not exist.\n"},
		{"a delimiter that is in the names", "username_note\n", []string{"username", "note"}, '_', "bob_x\n",
			"username_note_\"confirm_status\"_\"confirm_code\"_\"confirm_message\"\nbob_x_failed_UserNotFoundException_User does not exist.\n"},
		{"a delimiter of two bytes", "username\u00a6note\n", []string{"username", "note"}, '\u00a6', "bob\u00a6\"x\u00a6y\"\n",
			"username\u00a6note\u00a6confirm_status\u00a6confirm_code\u00a6confirm_message\nbob\u00a6\"x\u00a6y\"\u00a6failed\u00a6UserNotFoundException\u00a6User does not exist.\n"},
		{"a line that names the delimiter", "sep=;\r\nusername;note\r\n", []string{"username", "note"}, ';', "bob;1\r\n",
			"sep=;\r\nusername;note;confirm_status;confirm_code;confirm_message\r\nbob;1;failed;UserNotFoundException;User does not exist.\r\n"},
		{"lines that end with CR", "username\r", []string{"username"}, 0, "bob\r", "username" + reasons + "\r\nbob" + notThere + "\r\n"},
		{"lines that end with CRCRLF", "username\r\r\n", []string{"username"}, 0, "bob\r\r\n", "username" + reasons + "\r\r\nbob" + notThere + "\r\r\n"},
		{"a last line without an end", "username\r\n", []string{"username"}, 0, "bob", "username" + reasons + "\r\nbob" + notThere + "\n"},
		{"a failed-rows file", "username,confirm_status,confirm_code,confirm_message\n", []string{"username", "confirm_status", "confirm_code", "confirm_message"}, 0,
			"bob,invalid,username_not_allowed,\"why, and \"\"how\"\"\"\n",
			"username,confirm_status,confirm_code,confirm_message\nbob" + notThere + "\n"},
		{"one that a spreadsheet has in another order", " Confirm_Message ,username,confirm_code,note\n", []string{" Confirm_Message ", "username", "confirm_code", "note"}, 0,
			"\"old, long\",bob,X,\"1\"\n",
			" Confirm_Message ,username,confirm_code,note,confirm_status\nUser does not exist.,bob,UserNotFoundException,\"1\",failed\n"},
		{"one whose reasons were cut off", "username,note,confirm_status,confirm_code,confirm_message\n", []string{"username", "note", "confirm_status", "confirm_code", "confirm_message"}, 0,
			"bob\n", "username,note,confirm_status,confirm_code,confirm_message\nbob," + notThere + "\n"},
		{"no header", "", nil, 0, "bob,1\n", "bob,1\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := optionsIn(t.TempDir())
			o.Header, o.Columns, o.Delimiter = test.header, test.columns, test.delimiter
			write(t, o, row(2, worker.StatusFailed, test.raw))
			if got := read(t, o.Failed); got != test.want {
				t.Errorf("failed rows\n%q, want\n%q", got, test.want)
			}
		})
	}
}

// TestReasonsAreOneCell each, whatever is in them.
func TestReasonsAreOneCell(t *testing.T) {
	for _, message := range []string{"", " ", "a,b", `"`, `\.`, "=1+1", "'", "two  spaces ", "\u00fc\u2028", strings.Repeat("x", 70_000)} {
		o := optionsIn(t.TempDir())
		o.Columns = []string{"username"}
		write(t, o, worker.Result{Row: worker.Row{Line: 2, Username: "bob", Raw: "bob\n"}, Status: worker.StatusFailed, Code: "X", Message: message})
		records, err := csv.NewReader(strings.NewReader(read(t, o.Failed))).ReadAll()
		if err != nil || len(records) != 2 || records[1][3] != message {
			t.Errorf("%.80q: %.200q, %v", message, records, err)
		}
	}
}

// TestReasonsAfterResume are those of the report, in whatever order and layout
// its lines are.
func TestReasonsAfterResume(t *testing.T) {
	const rows = 3000
	var input, want strings.Builder
	input.WriteString("username,note\n")
	want.WriteString("username,note" + reasons + "\n")
	var lines []string
	for i := range rows {
		message := fmt.Sprintf("why %d", i)
		if i%500 == 7 {
			message += strings.Repeat("\u00fc", 40_000) // longer than what is read at once
		}
		fmt.Fprintf(&input, "user%d,%d\n", i, i)
		switch i % 3 {
		case 0:
			lines = append(lines, fmt.Sprintf("%d,user%d,confirmed,,,1,0,r,,1", i+2, i))
		case 1:
			lines = append(lines, fmt.Sprintf("%d,user%d,failed,\"X,%d\",%s,1,0,r,,1", i+2, i, i, message))
			fmt.Fprintf(&want, "user%d,%d,failed,\"X,%d\",%s\n", i, i, i, message)
		case 2:
			lines = append(lines, fmt.Sprintf("%d,user%d,trigger_failed,Y,%s,1,0,r,,1", i+2, i, message))
			fmt.Fprintf(&want, "user%d,%d,trigger_failed,Y,%s\n", i, i, message)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	semicolons := strings.NewReplacer(`"X,`, "X,", `"`, "", ",", ";")
	for name, content := range map[string]string{
		"current":       header + strings.Join(lines, ",,\n") + ",,\n",
		"old":           oldHeader + strings.Join(lines, "\n") + "\n",
		"a spreadsheet": byteOrderMark + semicolons.Replace(oldHeader+"\n"+strings.Join(lines, "\n")+"\n"),
	} {
		dir := t.TempDir()
		put(t, optionsIn(dir).Report, content)
		resumption{input: input.String()}.mustRun(t, dir, everyRow)
		if got := contents(t, optionsIn(dir).Failed); got != want.String() {
			t.Errorf("%s: failed rows of %d bytes, want %d:\n%.300q", name, len(got), want.Len(), got)
		}
	}
}

// TestReasonsOfAReportThatChanges under the run that reads it.
func TestReasonsOfAReportThatChanges(t *testing.T) {
	for _, content := range []string{header, header + strings.Repeat("x", 200), header + "\n\n\n\n\n\n\n\n\n\n\n\n"} {
		dir := t.TempDir()
		o := optionsIn(dir)
		n := resumption{input: "username\nbad.alice\nbad.bob\n"}
		n.mustRun(t, dir, 1)
		in := newSource(t, n.input, false, ',')
		o.Resume, o.Header, o.Columns = true, in.header, in.names
		r, err := report.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		put(t, o.Report, content)
		if _, err := r.Remaining(t.Context(), in); err == nil {
			t.Errorf("%q: no error", content)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
