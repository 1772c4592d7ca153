package progress

import (
	"time"

	"cognito-confirm/internal/words"
)

// News returns what has happened from one view of a run to the next that is
// worth a line of its own: an outage has begun, or is over and how long it took.
func News(before, now View) []string {
	var lines []string
	if before.isDown() && !before.Outage.Equal(now.Outage) {
		lines = append(lines, "calls get through again, after "+words.Duration(now.Now.Sub(before.Outage)))
	}
	if now.isDown() && !before.Outage.Equal(now.Outage) {
		line := "nothing gets through" + afterColon(now.LastCode) + "; all rows wait"
		if now.LastCode != codeStore {
			line += ", and one at a time tries whether it is over"
		}
		lines = append(lines, line)
	}
	return lines
}

// OutageInWords returns how long nothing got through, and with which code the last
// call ended, "" for an unknown one.
func OutageInWords(long time.Duration, code string) string {
	return "nothing got through for " + words.Duration(long) + afterColon(code)
}

func afterColon(code string) string {
	forms := lastCall(code)
	if forms == nil {
		return ""
	}
	return ": " + forms[0]
}
