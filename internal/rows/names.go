package rows

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"cognito-confirm/internal/oneline"
)

// IsStream reports whether a path is that of standard input, a descriptor, a pipe or a
// device, so that no other name can be derived from it. The info is that of
// [Input.Info], nil when there is no regular file.
func IsStream(path string, info os.FileInfo) bool {
	return isStreamName(path) || info == nil || !info.Mode().IsRegular()
}

func isStreamName(path string) bool {
	return path == "" || path == "-" || descriptorPath.MatchString(filepath.ToSlash(filepath.Clean(path)))
}

// descriptorPath matches the names under which an open file of a process can
// be opened again, whatever it is.
var descriptorPath = regexp.MustCompile(`^/dev/(stdin|fd/\d+)$|^/proc/(self|thread-self|\d+)(/task/\d+)?/fd/\d+$`)

var urlScheme = regexp.MustCompile(`^(?i)([a-z][a-z0-9+.-]+)://`)

// refuseURL refuses what other programs can fetch. An address may hold a
// password or a signature, so only the ones that never do are repeated.
func refuseURL(address string) error {
	match := urlScheme.FindStringSubmatch(address)
	if match == nil {
		return nil
	}
	fetch := ""
	switch strings.ToLower(match[1]) {
	case "s3":
		fetch = "aws s3 cp " + shellWord(address) + " -"
	case "gs":
		fetch = "gcloud storage cat " + shellWord(address)
	case "http", "https":
		fetch = "curl -fsSL URL"
		address = "users.csv"
	case "file":
		return &UnusableError{Reason: "the input is given as a file:// address", Hint: "give the path alone"}
	default:
		return &UnusableError{Reason: "the input is an address, not a file", Hint: "download it, and give the file"}
	}
	return &UnusableError{
		Reason: "the input is an address, not a file: " + strings.ToLower(match[1]) + ":// is not read here",
		Hint:   "fetch it on the way: " + fetch + " | " + runStandardInput(path.Base(address), ""),
	}
}

// runStandardInput is the command that reads the unpacked or converted file from a
// pipe. Flags may be empty.
func runStandardInput(path, flags string) string {
	if flags != "" {
		flags = " " + flags
	}
	return "cognito-confirm run -" + flags + " --report " + shellWord(reportFor(path))
}

// reportFor is the report's usual name for the file when it is unpacked.
func reportFor(path string) string {
	if isStreamName(path) {
		return "users.report.csv"
	}
	name := path
	for {
		ext := filepath.Ext(name)
		if ext == filepath.Base(name) || !isKnownSuffix(ext) {
			return name + ".report.csv"
		}
		name = strings.TrimSuffix(name, ext)
	}
}

func isKnownSuffix(ext string) bool {
	_, isPacked := packingOfName("x" + ext)
	return isPacked || slices.Contains([]string{".csv", ".tsv", ".txt", ".gz", ".zip", ".json", ".jsonl", ".ndjson"}, strings.ToLower(ext))
}

// shellWord is a path as it is typed in a shell. One that cannot be shown as it
// is comes out as FILE.
func shellWord(path string) string {
	if oneline.Escape(path) != path || path == "" {
		return "FILE"
	}
	if strings.HasPrefix(path, "-") {
		path = "./" + path
	}
	if !strings.ContainsFunc(path, needsQuoting) {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

func needsQuoting(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_./+:@=,-%", r))
}

// through is the command that sends the text of the file through a filter, and reads
// the result.
func through(path, filter, flags string) string {
	switch {
	case isStreamName(path):
		return "... | " + filter + " | " + runStandardInput(path, flags)
	case strings.HasSuffix(strings.ToLower(path), ".gz"):
		return "gunzip -c " + shellWord(path) + " | " + filter + " | " + runStandardInput(path, flags)
	default:
		return filter + " < " + shellWord(path) + " | " + runStandardInput(path, flags)
	}
}
