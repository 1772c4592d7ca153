package report

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"

	"cognito-confirm/worker"
)

// OtherShardError means that the report is that of another shard, or of an
// input that is cut into another number of them.
type OtherShardError struct {
	Path    string
	Was, Is worker.Shard
}

func (e *OtherShardError) Error() string {
	return fmt.Sprintf("%s is the report of %s, not of %s", e.Path, shardName(e.Was), shardName(e.Is))
}

func shardName(s worker.Shard) string {
	if s.IsWhole() {
		return "the whole input"
	}
	return "shard " + s.String()
}

// ShardSuffix returns what the names of the files of a shard have between the
// input's and their own, as in users.shard-0-of-4.report.csv. The index has as
// many digits as the count, so that a directory lists them in order.
func ShardSuffix(s worker.Shard) string {
	if s.IsWhole() {
		return ""
	}
	return fmt.Sprintf(".shard-%0*d-of-%d", len(strconv.Itoa(s.Count)), s.Index, s.Count)
}

var shardSuffix = regexp.MustCompile(`\.shard-(\d+)-of-(\d+)$`)

// shardInName returns the shard that a report is named after, if it is.
func shardInName(report string) (worker.Shard, bool) {
	match := shardSuffix.FindStringSubmatch(stem(filepath.Base(report)))
	if match == nil {
		return worker.Shard{}, false
	}
	shard, err := worker.ParseShard(match[1] + "/" + match[2])
	return shard, err == nil
}

// shardNote is where the shard of a report is kept: one line of text in a file
// beside the report, REPORT.shard. The report of a whole input has no such file.
func shardNote(report string) note {
	return note{
		path: report + ".shard", prefix: "shard: ",
		isSound: func(line string) bool {
			_, err := worker.ParseShard(line)
			return err == nil
		},
		unsound: "does not tell which shard the report is of",
	}
}

// readShard returns the shard that a report is of, by the note beside it, and
// else by its name. It is not known of a report that was copied without its
// note and has another name; the rows in it tell then what does not fit.
func readShard(report string) (shard worker.Shard, isKnown bool, err error) {
	line, err := shardNote(report).read()
	if err != nil {
		return worker.Shard{}, false, err
	}
	if line == "" {
		shard, isKnown = shardInName(report)
		return shard, isKnown, nil
	}
	shard, err = worker.ParseShard(line)
	return shard, err == nil, err
}

// writeShard notes which shard a report is of.
func writeShard(report string, shard worker.Shard) error {
	if shard.IsWhole() {
		return shardNote(report).remove()
	}
	return shardNote(report).write(shard.String())
}

// compareShard refuses to go on with the report of another shard. It is called for
// a report with a line in it: one without is nobody's yet.
func (r *Recorder) compareShard() error {
	if r.isShardKnown && r.shard != r.options.Shard {
		return &OtherShardError{Path: r.file.path, Was: r.shard, Is: r.options.Shard}
	}
	return nil
}
