package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"

	"cognito-confirm/internal/job"
	"cognito-confirm/internal/live"
	"cognito-confirm/internal/messages"
)

// console is how a command speaks to the person or the script that started it.
//
//   - Standard output is data: nothing, or what was asked for with "-".
//   - Everything else goes to standard error, each line with the program's name
//     in front, in lower case, without a full stop.
//   - An error comes with a hint when there is something to do about it.
//   - No usernames and no text of the service: they are personal data and logs travel.
//   - Every message is one line: names of files and columns come from outside.
//
// Make one with newConsole, and close it in the end.
type console struct {
	// program is the name that the program was started by, args are the rest.
	program        string
	args           []string
	stdin          io.Reader
	stdout, stderr io.Writer
	quiet          atomic.Bool // relay reads it while flags are still set

	// messages is the only writer to stderr.
	messages *messages.Writer
	// signals are asked for progress.
	signals live.Signals
	// mode and terminal are how progress is shown; see displayFlags.
	mode     live.Mode
	terminal *live.Terminal
	// term is the value of TERM.
	term string
}

// linePrefix begins every line on standard error.
const linePrefix = programName + ": "

func newConsole(args []string, stdin io.Reader, stdout, stderr io.Writer) *console {
	return &console{
		program: args[0], args: args[1:],
		stdin: stdin, stdout: stdout, stderr: stderr,
		messages: messages.New(stderr, linePrefix),
	}
}

// close writes what is still to be written, and waits for a reader of standard
// error for no longer than a second.
func (c *console) close() { c.messages.Close() }

// errorf tells what went wrong, with or without --quiet.
func (c *console) errorf(format string, values ...any) { c.messages.Error(oneLine(format, values)) }

// warnf tells what may be a mistake, with or without --quiet.
func (c *console) warnf(format string, values ...any) { c.messages.Warn(oneLine(format, values)) }

// infof tells how things are going.
func (c *console) infof(format string, values ...any) {
	if !c.quiet.Load() {
		c.messages.Info(oneLine(format, values))
	}
}

// listf prints one line of a long list, and waits until it is read, ctx ends or nobody
// has read anything for some seconds.
func (c *console) listf(ctx context.Context, format string, values ...any) {
	if !c.quiet.Load() {
		c.infof(format, values...)
		c.messages.Wait(ctx)
	}
}

// oneLine puts several errors, which are a line each, beside one another.
func oneLine(format string, values []any) string {
	return strings.ReplaceAll(fmt.Sprintf(format, values...), "\n", "; ")
}

// hint tells what to do about the line before it, if there is something.
func (c *console) hint(hint string) {
	if hint != "" {
		c.errorf("hint: %s", hint)
	}
}

// streams are the files that standard output and error go to, where they do.
func (c *console) streams() []job.File {
	var files []job.File
	for _, stream := range []struct {
		role string
		to   io.Writer
	}{{"standard output", c.stdout}, {"standard error", c.stderr}} {
		file, isFile := stream.to.(*os.File)
		if !isFile {
			continue
		}
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			files = append(files, job.File{Role: stream.role, Info: info})
		}
	}
	return files
}
