package report

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"cognito-confirm/internal/atomicfile"
)

// Notes returns the paths of the files beside a report that tell whose it is. Most
// reports have none of them. Whoever moves a report takes them along.
func Notes(report string) []string {
	return []string{endpointNote(report).path, shardNote(report).path}
}

// note is a small file beside one of ours that tells something about it in one line.
type note struct {
	path string
	// prefix is how the line begins.
	prefix string
	// isSound reports whether what follows can be ours, and unsound is what a message
	// calls a file with anything else.
	isSound func(line string) bool
	unsound string
}

// maxNote is how long a note is at most: paths and URLs are shorter.
const maxNote = 16 << 10

// read returns what the line has after the prefix, "" when there is no such file.
// Anything but a small regular file with one sound line is an [*UnusableError].
func (n note) read() (string, error) {
	info, err := os.Lstat(n.path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err == nil && (!info.Mode().IsRegular() || info.Size() > maxNote) {
		return "", &UnusableError{Path: n.path, Reason: "is in the way: it was not written by this program"}
	}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(n.path)
	}
	if err != nil {
		return "", fmt.Errorf("read note: %w", err)
	}
	line, isSound := n.parse(text)
	if !isSound {
		return "", &UnusableError{Path: n.path, Reason: n.unsound}
	}
	return line, nil
}

func (n note) parse(text []byte) (line string, isSound bool) {
	line, isLine := strings.CutSuffix(string(text), "\n")
	line, isOurs := strings.CutPrefix(line, n.prefix)
	return line, isLine && isOurs && n.isSound(line)
}

// write makes or replaces the note. What is not one, a link included, stays, and the
// error is then as that of read: it may have come after the run has begun.
func (n note) write(line string) error {
	if _, err := n.read(); err != nil {
		return err
	}
	err := atomicfile.Write(n.path, atomicfile.Options{Overwrite: true}, func(w io.Writer) error {
		_, err := io.WriteString(w, n.prefix+line+"\n")
		return err
	})
	if err != nil {
		return fmt.Errorf("write note: %w", err)
	}
	return nil
}

// unfinished tells what a killed run may have left of a new note.
func (n note) unfinished() atomicfile.Unfinished {
	return atomicfile.Unfinished{Path: n.path, Ours: func(start []byte) bool {
		_, isSound := n.parse(start)
		return isSound
	}}
}

// remove removes the note, if there is one. What is not one stays, as with write.
func (n note) remove() error {
	line, err := n.read()
	if err != nil || line == "" {
		return err
	}
	if err := os.Remove(n.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove note: %w", err)
	}
	return nil
}
