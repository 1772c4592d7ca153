package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"go.temporal.io/sdk/temporal"

	"cognito-confirm/internal/messages"
	"cognito-confirm/internal/oneline"
)

// console is how a command speaks. Standard output is data; everything else goes to
// standard error, a line each, and names no user.
type console struct {
	env      []string
	stdout   io.Writer
	messages *messages.Writer
}

func newConsole(env []string, stdout, stderr io.Writer) *console {
	return &console{env: env, stdout: stdout, messages: messages.New(stderr, programName+": ")}
}

// infof tells how things are going.
func (c *console) infof(format string, values ...any) {
	c.messages.Info(escaped(fmt.Sprintf(format, values...)))
}

// hint tells what to do about the line before it, if there is something.
func (c *console) hint(hint string) {
	if hint != "" {
		c.messages.Error(escaped("hint: " + hint))
	}
}

// escaped makes one line of a text that may come from outside.
func escaped(text string) string { return oneline.Escape(strings.ReplaceAll(text, "\n", "; ")) }

// logger takes the warnings and errors of the engine's client.
type logger struct{ messages *messages.Writer }

func (l logger) Debug(string, ...any) {}
func (l logger) Info(string, ...any)  {}

func (l logger) Warn(message string, values ...any) {
	if isCanceled(values) {
		return
	}
	l.messages.Warn(escaped(withError(message, values)))
}

func (l logger) Error(message string, values ...any) {
	if isCanceled(values) {
		return // as was asked for
	}
	l.messages.Error(escaped(withError(message, values)))
}

func isCanceled(values []any) bool {
	return slices.ContainsFunc(values, func(value any) bool {
		err, ok := value.(error)
		return ok && temporal.IsCanceledError(err)
	})
}

// withError adds to a message of the client what failed. All else that it tells is
// about the client itself.
func withError(message string, values []any) string {
	message = strings.ToLower(strings.TrimRight(message, "."))
	for i := 0; i+1 < len(values); i += 2 {
		if name, _ := values[i].(string); name == "Error" || name == "error" {
			message += fmt.Sprintf(": %v", values[i+1])
		}
	}
	return message
}
