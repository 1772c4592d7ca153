//go:build faults && linux && amd64

package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// lines counts the rows that are in the report so far.
func (s *scenario) lines() int {
	text, _ := os.ReadFile(s.path("users.report.csv"))
	return max(0, bytes.Count(text, []byte("\n"))-1)
}

// sent adds up the calls that the report says were sent.
func (s *scenario) sent() int {
	file, err := os.Open(s.path("users.report.csv"))
	if err != nil {
		return 0
	}
	defer file.Close()
	// The last line may be half written: then it is an error, and not counted.
	reports := csv.NewReader(file)
	sent := 0
	for {
		record, err := reports.Read()
		if err != nil {
			return sent
		}
		attempts, _ := strconv.Atoi(record[5])
		sent += attempts
	}
}

// inFlight counts the calls that the stand-in has not answered yet.
func (s *scenario) inFlight() int {
	n := 0
	for _, call := range s.server.Calls() {
		if call.Answered.IsZero() {
			n++
		}
	}
	return n
}

func (s *scenario) callsFor(username string) int {
	n := 0
	for _, call := range s.server.Calls() {
		if call.Username == username {
			n++
		}
	}
	return n
}

// pretendDone writes the report of a run that has done so many rows, and does
// to the users what it would have done.
func (s *scenario) pretendDone(rows int) error {
	var text bytes.Buffer
	out := csv.NewWriter(&text)
	out.Write(strings.Split(reportHeader, ","))
	for _, row := range s.rows[:rows] {
		attempts := "1"
		switch row.status {
		case "invalid":
			attempts = "0"
		case "confirmed", "trigger_failed":
			s.server.AddUser(row.username, fakecognito.Confirmed)
		}
		out.Write([]string{strconv.Itoa(row.line), row.username, row.status, "", "", attempts, "0", "", "", "1"})
	}
	out.Flush()
	return cmp.Or(out.Error(), os.WriteFile(s.path("users.report.csv"), text.Bytes(), 0o600))
}

// goAway closes the stand-in's port and every connection.
func (s *scenario) goAway() {
	s.unheard += s.concurrency
	s.stop()
}

// comeBack serves on the same port again.
func (s *scenario) comeBack() error {
	return s.serveOn(strings.TrimPrefix(s.url, "http://"))
}

// healUsers ends the faults of everybody but those who belong to the scenario.
func (s *scenario) healUsers() {
	s.server.ClearFaults()
	s.spoilUsers()
}

// until waits for something to be true while the run goes on.
func (r *running) until(what string, isTrue func() bool) error {
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !isTrue() {
		select {
		case <-tick.C:
		case <-r.ended:
			status, _ := r.wait()
			return fmt.Errorf("%s before %s", describe(status), what)
		case <-deadline.C:
			_ = r.Process.Kill()
			_, _ = r.wait()
			return fmt.Errorf("a minute without that %s", what)
		}
	}
	return nil
}
