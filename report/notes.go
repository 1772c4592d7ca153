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
func Notes(report string) []string { return []string{endpointFile(report), shardFile(report)} }

// maxNote is how long a note is at most: paths and URLs are shorter.
const maxNote = 16 << 10

// readNote returns what a small file beside one of ours has after the prefix in its
// one line, "" when there is no such file. Anything but a small regular file, and a
// line that is not sound, is an [*UnusableError].
func readNote(path, prefix, unsound string, isSound func(line string) bool) (string, error) {
	info, err := os.Lstat(path)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > maxNote) {
		return "", &UnusableError{Path: path, Reason: "is in the way: it was not written by this program"}
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read note: %w", err)
	}
	line, isLine := strings.CutSuffix(string(text), "\n")
	line, isNote := strings.CutPrefix(line, prefix)
	if !isLine || !isNote || !isSound(line) {
		return "", &UnusableError{Path: path, Reason: unsound}
	}
	return line, nil
}

func writeNote(path, line string) error {
	err := atomicfile.Write(path, atomicfile.Options{Overwrite: true}, func(w io.Writer) error {
		_, err := io.WriteString(w, line+"\n")
		return err
	})
	if err != nil {
		return fmt.Errorf("write note: %w", err)
	}
	return nil
}

func removeNote(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove note: %w", err)
	}
	return nil
}
