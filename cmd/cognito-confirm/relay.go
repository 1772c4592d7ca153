package main

import (
	"os"
	"strings"
	"time"
)

const (
	// relayed is how many bytes of what others write become one message at most.
	relayed = 4 << 10
	// relayPatience is how long relay waits in the end for what is on its way.
	relayPatience = 100 * time.Millisecond
)

// relay has what other programs write to standard error come as messages, one
// clean line each, until stop is called. A credential_process inherits os.Stderr,
// to ask for a second factor there.
func (c *console) relay() (stop func()) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return func() {} // then they write there themselves
	}
	own := os.Stderr
	os.Stderr = writer
	done := make(chan struct{})
	go func() {
		defer close(done)
		text := make([]byte, relayed)
		for {
			n, err := reader.Read(text)
			// What lacks its line end is most likely a question.
			for line := range strings.Lines(string(text[:n])) {
				if line = strings.TrimSpace(line); line != "" {
					c.infof("credential_process: %s", line)
				}
			}
			if err != nil {
				return
			}
		}
	}()
	return func() {
		os.Stderr = own
		writer.Close()
		select {
		case <-done:
			reader.Close()
		case <-time.After(relayPatience): // one of them lives on and keeps its end
		}
	}
}
