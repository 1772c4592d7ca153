//go:build e2e

package e2e

import (
	"bufio"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// server is a command that serves until it is told to end.
type server struct {
	command *exec.Cmd
	url     string          // where it serves, as it said
	began   string          // what it said up to then
	said    strings.Builder // both streams, complete when ended is closed
	ended   chan struct{}
}

var loopbackURL = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// serve starts the command and waits for a line with the given words in it, by
// which it says that it serves. By then it has said where.
func serve(t *testing.T, command *exec.Cmd, ready string) *server {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stdout, command.Stderr = writer, writer
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	s := &server{command: command, ended: make(chan struct{})}
	t.Cleanup(func() { s.stop() })
	began := make(chan string, 1)
	go func() {
		defer close(s.ended)
		defer reader.Close()
		for lines := bufio.NewScanner(reader); lines.Scan(); {
			s.said.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), ready) && len(began) == 0 {
				began <- s.said.String()
			}
		}
	}()
	select {
	case s.began = <-began:
		s.url = loopbackURL.FindString(s.began)
	case <-s.ended:
		t.Fatalf("%s ended before it served:\n%s", command, &s.said)
	case <-time.After(time.Minute):
		t.Fatalf("%s does not say that it serves", command)
	}
	return s
}

// stop ends the server; a second time it only says again how it ended. It is
// not an interrupt that it sends: a shell makes its background jobs, and so all
// that they start, ignore those.
func (s *server) stop() outcome {
	s.command.Process.Signal(syscall.SIGTERM)
	defer time.AfterFunc(10*time.Second, func() { s.command.Process.Kill() }).Stop()
	<-s.ended
	s.command.Wait()
	return outcome{status: s.command.ProcessState.ExitCode(), stderr: s.said.String()}
}
