//go:build unix

package faults

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// judgement is what the oracle finds after the last run of a scenario.
type judgement struct {
	rows     int
	lost     int // rows that are not in the report
	repeated int // calls for rows whose final answer had been given before
}

const reportHeader = "line,username,status,code,message,attempts,throttled,request_id,started_at,duration_ms,user_status,user_pool_id"

// failedHeader is the header of the failed-rows file.
const failedHeader = inputHeader + ",confirm_status,confirm_code,confirm_message"

// filesOfARun are all that may be in the directory of a scenario.
var filesOfARun = []string{
	"users.csv", "users.report.csv", "users.report.csv.endpoint", "users.failed.csv", "users.malformed.csv", "users.events.jsonl", "summary.json",
}

// judge is the oracle. It compares what the program has written with what the
// stand-in has seen.
func (s *scenario) judge() (judgement, error) {
	v := judgement{rows: len(s.rows)}
	reported, err := s.reported()
	if err != nil {
		return v, err
	}
	var wrong []error
	complain := func(format string, values ...any) { wrong = append(wrong, fmt.Errorf(format, values...)) }
	rowsOf := make(map[string]int)
	var failed [][]string
	for _, row := range s.rows {
		if row.status != "invalid" {
			rowsOf[row.username]++
		}
		line, ok := reported[row.line]
		delete(reported, row.line)
		if !ok {
			v.lost++
			complain("line %d (%s) is not in the report", row.line, row.username)
			continue
		}
		if err := s.judgeRow(row, line); err != nil {
			complain("line %d (%s): %w", row.line, row.username, err)
		}
		if !strings.HasSuffix(line.status, "confirmed") && !row.malformed {
			failed = append(failed, append(slices.Clone(row.fields), line.status, line.code, line.message))
		}
	}
	for line := range reported {
		complain("line %d is in the report and no row of the input", line)
	}
	if err := s.judgeFailedRows(failed); err != nil {
		complain("failed rows: %w", err)
	}
	v.repeated = s.repeated(rowsOf)
	most := s.unheard
	if most > 0 {
		most += s.concurrency // a busy machine is late with everything
	}
	if v.repeated > most {
		complain("%d calls for rows that were done, want at most %d after %d deaths", v.repeated, most, s.deaths)
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		complain("leftovers: %w", err)
	}
	for _, entry := range entries {
		if !slices.Contains(filesOfARun, entry.Name()) {
			complain("left over: %s", entry.Name())
		}
	}
	return v, errors.Join(wrong[:min(len(wrong), 20)]...)
}

// judgeRow compares one line of the report with the row and the stand-in.
func (s *scenario) judgeRow(row expectedRow, line reportedLine) error {
	if line.username != row.username {
		return fmt.Errorf("reported for %q", line.username)
	}
	held, _ := s.server.UserStatus(row.username)
	succeeded := line.status == "confirmed" || line.status == "already_confirmed"
	switch {
	case succeeded && held != fakecognito.Confirmed:
		return fmt.Errorf("reported %s, the pool holds %s", line.status, held)
	case row.status != "invalid" && held == fakecognito.Confirmed && !succeeded && line.status != "trigger_failed":
		return fmt.Errorf("reported %s, the pool holds %s", line.status, held)
	}
	want := []string{row.status}
	switch {
	case row.twin && row.status == "confirmed":
		want = append(want, "already_confirmed") // whichever came first
	case row.twin && row.status == "trigger_failed":
		want = append(want, "already_confirmed")
	case s.deaths > 0 && (row.status == "confirmed" || row.status == "trigger_failed"):
		want = append(want, "already_confirmed") // it was in flight at a death
	}
	if line.attempts != "1" && (row.status == "already_confirmed" || row.status == "trigger_failed") {
		want = append(want, "confirmed") // the answer to an earlier attempt was lost
	}
	if !slices.Contains(want, line.status) {
		return fmt.Errorf("reported %s %s (%s), want %s", line.status, line.code, line.message, strings.Join(want, " or "))
	}
	return nil
}

type reportedLine struct{ username, status, code, message, attempts string }

// reported parses the report, by the line of the input.
func (s *scenario) reported() (map[int]reportedLine, error) {
	records, err := readRecords(s.path("users.report.csv"))
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	if len(records) == 0 || strings.Join(records[0], ",") != reportHeader {
		return nil, errors.New("the report does not begin with its header")
	}
	lines := make(map[int]reportedLine, len(records))
	for _, record := range records[1:] {
		line, err := strconv.Atoi(record[0])
		if err != nil {
			return nil, fmt.Errorf("report: %w", err) // a second header, too
		}
		if _, twice := lines[line]; twice {
			return nil, fmt.Errorf("line %d is in the report twice", line)
		}
		lines[line] = reportedLine{record[1], record[2], record[3], record[4], record[5]}
	}
	return lines, nil
}

// judgeFailedRows compares the failed-rows file with the rows that belong there,
// each with what the report tells of it.
func (s *scenario) judgeFailedRows(want [][]string) error {
	got, err := readRecords(s.path("users.failed.csv"))
	if errors.Is(err, fs.ErrNotExist) && len(want) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if len(got) == 0 || strings.Join(got[0], ",") != failedHeader {
		return errors.New("the file does not begin with the input's header and the columns that tell why")
	}
	got = got[1:]
	slices.SortFunc(got, slices.Compare)
	slices.SortFunc(want, slices.Compare)
	if !slices.EqualFunc(got, want, slices.Equal) {
		return fmt.Errorf("there are %d, want %d:\n%q\nwant\n%q", len(got), len(want), got, want)
	}
	return nil
}

func readRecords(path string) ([][]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return csv.NewReader(file).ReadAll() // every record as long as the first
}

// repeated counts the calls for users whose rows all had a final answer by then.
// An answer that came close to the timeout does not count, because the program
// started its clock before the request arrived here.
func (s *scenario) repeated(rowsOf map[string]int) int {
	answered := make(map[string]int)
	repeated := 0
	for _, call := range s.server.Calls() {
		if rowsOf[call.Username] > 0 && answered[call.Username] >= rowsOf[call.Username] {
			repeated++
		}
		if isFinal(call, s.timeout) {
			answered[call.Username]++
		}
	}
	return repeated
}

func isFinal(call fakecognito.Call, timeout time.Duration) bool {
	if call.Answered.IsZero() || call.Answered.Sub(call.Received) >= timeout/2 {
		return false
	}
	switch call.Code {
	case "", "NotAuthorizedException", "UserNotFoundException", "UserLambdaValidationException":
		return true
	}
	return false
}
