//go:build faults || soak

package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// scenario is an input, a stand-in with its users, and what the runs of the
// program leave behind.
type scenario struct {
	binary, dir string
	server      *fakecognito.Server
	url         string
	stop        func()
	mounted     bool // the directory is a filesystem of its own
	rows        []expectedRow
	triggers    []string // users whose trigger fails
	// flags are those of every run; concurrency and timeout are among them.
	flags       []string
	concurrency int
	timeout     time.Duration

	// deaths counts the runs that ended with answers unwritten.
	deaths int
	// unheard is how many rows may have to be asked for again, because of
	// deaths, or because an answer was given and did not arrive.
	unheard int
	log     strings.Builder // what the runs have said, for the message of a failure
}

// expectedRow is a row of the input and what is to become of it.
type expectedRow struct {
	line      int
	username  string
	fields    []string
	malformed bool
	status    string // of an undisturbed run
	twin      bool   // another row has the same username
}

const (
	faultsPool = "eu-west-1_Faults000"
	// columnsOfInput is what a row has unless it is malformed.
	columnsOfInput = "username,note"
)

// newScenario makes an input of so many rows, of every kind that there is, and
// starts a stand-in that answers after a few milliseconds.
func newScenario(t *testing.T, binary string, rows int, o fakecognito.Options) (*scenario, error) {
	dir, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		return nil, err
	}
	o.UserPoolID, o.LogCalls = faultsPool, true
	s := &scenario{binary: binary, dir: dir, server: fakecognito.New(o), concurrency: 16, timeout: 30 * time.Second, flags: []string{"--quiet"}}
	if err := s.writeInput(rows); err != nil {
		return nil, err
	}
	s.spoilUsers()
	return s, s.serveOn("127.0.0.1:0")
}

// serveOn puts the stand-in on an address until stop is called.
func (s *scenario) serveOn(address string) error {
	listener, err := fakecognito.Listen(address)
	if err != nil {
		return err
	}
	s.url = "http://" + listener.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.server.Serve(ctx, listener)
	}()
	s.stop = func() { cancel(); <-ended }
	return nil
}

// writeInput makes the rows. The distances have no common factor, so that
// every kind of row stands beside every other.
func (s *scenario) writeInput(rows int) error {
	var text bytes.Buffer
	out := csv.NewWriter(&text)
	out.Write(strings.Split(columnsOfInput, ","))
	line, counted := 1, 0
	for i := range rows {
		out.Flush()
		line += bytes.Count(text.Bytes()[counted:], []byte("\n"))
		counted = text.Len()
		row := expectedRow{line: line, username: fmt.Sprintf("user%06d", i), status: "confirmed"}
		note := fmt.Sprintf("row %d", i)
		status := fakecognito.Unconfirmed
		switch {
		case i%17 == 3:
			row.status, status = "already_confirmed", fakecognito.Confirmed
		case i%23 == 5:
			row.status, status = "failed", fakecognito.ForceChangePassword
		case i%31 == 11:
			row.status = "trigger_failed"
			s.triggers = append(s.triggers, row.username)
		case i%37 == 13:
			row.username, row.status = "no username "+row.username, "invalid"
		case i%41 == 17:
			row.username, row.status, row.malformed = "", "invalid", true
		case i%43 == 19:
			note += "\nwith a \"second\" line"
		case i%47 == 20:
			s.rows[i-1].twin, row.twin = true, true
			row.username = s.rows[i-1].username
			row.status, row.malformed = s.rows[i-1].status, false
		}
		row.fields = []string{row.username, note}
		if row.malformed {
			out.Write([]string{"too", "many", note})
		} else {
			out.Write(row.fields)
		}
		if row.status != "invalid" && !row.twin && i%29 != 7 {
			s.server.AddUser(row.username, status)
		} else if i%29 == 7 && !row.twin && row.status != "invalid" {
			row.status = "failed" // not in the pool
		}
		s.rows = append(s.rows, row)
	}
	out.Flush()
	return os.WriteFile(s.path("users.csv"), text.Bytes(), 0o600)
}

// spoilUsers sets the faults that belong to single users.
func (s *scenario) spoilUsers() {
	for _, username := range s.triggers {
		s.server.SetFault(username, fakecognito.Fault{Code: "UserLambdaValidationException"})
	}
}

func (s *scenario) path(name string) string { return filepath.Join(s.dir, name) }

// command is a run of the program at a rate, with further flags.
func (s *scenario) command(rate float64, flags []string) []string {
	return slices.Concat([]string{s.binary, "run", "users.csv", "--user-pool-id", faultsPool, "--endpoint-url", s.url,
		"--rate", fmt.Sprint(rate), "--concurrency", fmt.Sprint(s.concurrency), "--timeout", s.timeout.String()}, s.flags, flags)
}

// environ has credentials and nothing of the user's own.
func (s *scenario) environ() []string {
	return []string{"AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "HOME=" + s.dir}
}

// note keeps what a run has said, and counts it as dead when a signal killed it.
func (s *scenario) note(status syscall.WaitStatus, rate float64, said string) {
	fmt.Fprintf(&s.log, "-- %s\n%s", describe(status), said)
	if status.Signaled() {
		s.died(rate)
	}
}

// died counts a death. It costs the answers of the calls in flight and those
// of the last tenth of a second, which need not be with the operating system yet.
func (s *scenario) died(rate float64) {
	s.deaths++
	s.unheard += s.concurrency + int(rate/10)
}

func describe(status syscall.WaitStatus) string {
	if status.Signaled() {
		return "killed by " + status.Signal().String()
	}
	return fmt.Sprintf("exit status %d", status.ExitStatus())
}

// close ends the stand-in and removes the files.
func (s *scenario) close() error {
	s.stop()
	if s.mounted {
		if err := syscall.Unmount(s.dir, syscall.MNT_DETACH); err != nil {
			return fmt.Errorf("unmount: %w", err)
		}
	}
	return os.RemoveAll(s.dir)
}
