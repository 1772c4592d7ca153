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

// server is a command that serves until a signal ends it.
type server struct {
	command *exec.Cmd
	url     string          // where it serves
	began   string          // its output until it served
	output  strings.Builder // both streams, complete when ended is closed
	ended   chan struct{}
}

var loopbackURL = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// serve starts the command and waits for a line with the given words, the last
// one that it prints before it serves.
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
			s.output.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), ready) && len(began) == 0 {
				began <- s.output.String()
			}
		}
	}()
	select {
	case s.began = <-began:
		s.url = loopbackURL.FindString(s.began)
	case <-s.ended:
		t.Fatalf("%s ended before it served:\n%s", command, &s.output)
	case <-time.After(time.Minute):
		t.Fatalf("%s does not serve", command)
	}
	return s
}

// stop ends the server; called again, it returns the same outcome. It does not
// send an interrupt, because the background jobs of a shell ignore those.
func (s *server) stop() outcome {
	s.command.Process.Signal(syscall.SIGTERM)
	defer time.AfterFunc(10*time.Second, func() { s.command.Process.Kill() }).Stop()
	<-s.ended
	s.command.Wait()
	return outcome{status: s.command.ProcessState.ExitCode(), stderr: s.output.String()}
}
